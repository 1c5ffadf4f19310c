import numpy as np
import pytest

from dsp.listen import (
    PAUSE_RAMP,
    GranuleCache,
    Instance,
    Span,
    end_change,
    envelope,
    open_instance,
    parse_program,
    pause_change,
    play,
    play_change,
    prepare,
    render,
    render_batch,
)
from dsp.listen.play import newest_end, play_s16


@pytest.fixture
def instance() -> Instance:
    layers = {"tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]}}
    program = parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers})
    return open_instance(program, seed=1, live_frame=0)


def _cosine(frames: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / frames)


def test_an_envelope_goes_by_raised_cosines_and_stays_outside() -> None:
    gain = envelope([(100, 0.0), (200, 1.0), (300, 0.25)], 50, 350)
    assert np.all(gain[:51] == 0.0)
    assert gain[50:150] == pytest.approx(_cosine(100))
    assert gain[150:250] == pytest.approx(1.0 - 0.75 * _cosine(100))
    assert np.all(gain[250:] == 0.25)
    assert np.all(envelope([], 0, 5) == 1.0)


def test_an_envelope_is_the_same_in_any_piece() -> None:
    points = [(100, 0.0), (200, 1.0), (300, 0.25)]
    whole = envelope(points, 0, 400)
    parts = np.concatenate([envelope(points, start, 40) for start in range(0, 400, 40)])
    assert whole.tobytes() == parts.tobytes()


def test_the_newest_revision_counts(instance: Instance) -> None:
    assert newest_end(instance.timeline) is None
    late = end_change(instance, 100, 2, 9600, [(0, 0.5)]).instance
    both = end_change(late, 200, 1, 4800, [(0, 0.1)]).instance
    assert play(both, 0, 960).tobytes() == (render(both, 0, 960) * np.float32(0.5)).tobytes()


def test_the_former_envelope_holds_before_the_first_point_of_a_newer_one(instance: Instance) -> None:
    """Also inside a fade: it begins where the former has come to."""
    former = [(0, 0.0), (40_000, 1.0)]
    opened = end_change(instance, 0, 1, None, former).instance
    reached = float(envelope(former, 20_000, 1)[0])
    newer = [(20_000, reached), (30_000, 0.0)]
    changed = end_change(opened, 15_000, 2, 30_000, newer).instance
    gain = np.concatenate([envelope(former, 0, 20_000), envelope(newer, 20_000, 20_000)])
    wanted = render(changed, 0, 40_000) * gain.astype(np.float32)[:, None]
    assert play(changed, 0, 40_000).tobytes() == wanted.tobytes()
    assert play(changed, 19_000, 2_000).tobytes() == wanted[19_000:21_000].tobytes()


def test_an_envelope_that_comes_late_is_joined_in_a_second(instance: Instance) -> None:
    opened = end_change(instance, 0, 1, None, [(0, 1.0)]).instance
    changed = end_change(opened, 20_000, 2, None, [(0, 0.5)]).instance
    gain = np.ones(80_000)
    gain[20_000:68_000] = 1.0 - 0.5 * _cosine(48_000)
    gain[68_000:] = 0.5
    wanted = render(changed, 0, 80_000) * gain.astype(np.float32)[:, None]
    assert np.max(np.abs(play(changed, 0, 80_000) - wanted)) < 1e-7


def test_each_of_several_envelopes_holds_from_its_own_place(instance: Instance) -> None:
    opened = end_change(instance, 0, 1, None, [(0, 1.0)]).instance
    for rev, (at, gain) in enumerate([(10_000, 1.0), (30_000, 0.5)], 2):
        points = [(at, gain), (at + 5_000, gain - 0.5)]
        opened = end_change(opened, at - 2_000, rev, None, points).instance
    heard, whole = play(opened, 0, 50_000), render(opened, 0, 50_000)
    for place, gain in ((9_000, 1.0), (20_000, 0.5), (29_000, 0.5), (45_000, 0.0)):
        assert heard[place] == pytest.approx(whole[place] * gain, abs=1e-7)


def test_a_pause_falls_at_once_and_rises_from_where_it_stood(instance: Instance) -> None:
    paused = pause_change(instance, 5000).instance
    frames = 5000 + 2 * PAUSE_RAMP + 1000
    sound = render(instance, 0, frames)
    silent = play(paused, 0, frames)
    assert silent[:5000].tobytes() == sound[:5000].tobytes()
    assert not silent[5000 + PAUSE_RAMP :].any()
    resumed = play_change(paused, 5000 + PAUSE_RAMP).instance
    heard = play(resumed, 0, frames)
    gain = np.ones(frames)
    gain[5000 : 5000 + PAUSE_RAMP] = 1.0 - _cosine(PAUSE_RAMP)
    gain[5000 + PAUSE_RAMP : 5000 + 2 * PAUSE_RAMP] = _cosine(PAUSE_RAMP)
    assert heard == pytest.approx(sound * gain[:, None], abs=1e-8)
    again = play_change(paused, 5000).instance
    assert play(again, 0, frames).tobytes() == heard.tobytes()


def test_ramps_and_envelope_are_multiplied_before_they_are_rounded(instance: Instance) -> None:
    paused = pause_change(instance, 3000).instance
    ended = end_change(paused, 0, 1, 9000, [(2000, 1.0), (9000, 0.0)]).instance
    product = envelope([(2000, 1.0), (9000, 0.0)], 0, 9000)
    product[3000:] *= 1.0 - _cosine(PAUSE_RAMP)[:6000]
    wanted = render(instance, 0, 9000) * product.astype(np.float32)[:, None]
    assert play(ended, 0, 9000) == pytest.approx(wanted, abs=1e-9)


def test_a_play_without_a_pause_ramps_nothing(instance: Instance) -> None:
    played = play_change(instance, 3000).instance
    assert play(played, 0, 6000).tobytes() == render(instance, 0, 6000).tobytes()


def test_sixteen_bits_are_those_of_the_packets_where_nothing_fades(instance: Instance) -> None:
    fading = end_change(instance, 0, 1, 9600, [(0, 1.0), (4800, 1.0), (9600, 0.0)]).instance
    packets = render_batch([Span(prepare(fading), 0, 4800)], GranuleCache(2**26), "s16", 0)[0]
    assert play_s16(fading, 0, 4800).tobytes() == packets.tobytes()
    whole = play_s16(fading, 0, 9600)
    assert play_s16(fading, 333, 5000).tobytes() == whole[333:5333].tobytes()
    assert np.abs(whole / 32_768 - play(fading, 0, 9600)).max() < 2 / 32_768
