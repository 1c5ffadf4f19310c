import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.listen import GranuleCache, Instance, open_instance, parse_program, prepare, render, seek_change
from dsp.listen.bell import (
    ATTACK,
    BELL_GAIN,
    bell_samples,
    most_at_once,
    peak,
    ring_frames,
    silent_until,
    sounds_until,
    strikes,
)
from dsp.listen.program import BellLayer, Keyframe, Trajectory

FULL = Trajectory((Keyframe(0.0, 100.0),))
ONCE = BellLayer("bell", FULL, 500.0, 1.0, (0.5,), None)
OFTEN = BellLayer("bell", FULL, 500.0, 1.0, (), 10.0)


def rung(layer: BellLayer, seconds: int) -> NDArray[np.float64]:
    quanta = range(0, seconds * RATE_HZ, QUANTUM)
    return np.concatenate([bell_samples(layer, start + np.arange(QUANTUM)) for start in quanta])


def played(*layers: BellLayer, noise: bool = False) -> Instance:
    body = {layer.name: layer.to_json() for layer in layers}
    if noise:
        body["noise"] = {"kind": "noise", "color": "pink", "level": 60}
    program = parse_program({"v": 1, "title": "", "mode": "meditate", "layers": body})
    return open_instance(program, seed=1, live_frame=0)


def test_it_rises_in_five_milliseconds_and_dies_exponentially() -> None:
    sound, start = rung(ONCE, 9), RATE_HZ // 2
    assert not sound[: start + 1].any()
    assert np.abs(sound).max() <= BELL_GAIN
    assert np.abs(sound[start : start + ATTACK // 4]).max() < 0.2 * np.abs(sound).max()
    assert int(np.abs(sound).argmax()) < start + 4 * ATTACK
    levels_db = [
        20.0 * np.log10(np.sqrt(np.mean(sound[start + second * RATE_HZ :][: RATE_HZ // 2] ** 2)))
        for second in range(1, 6)
    ]
    assert np.diff(levels_db) == pytest.approx(-8.7, abs=4.5)  # the split partials beat
    assert not sound[start + ring_frames(ONCE) :].any()


def test_it_is_the_sum_of_its_partials() -> None:
    """Against the formula, frame by frame."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    wave = np.zeros(2 * RATE_HZ)
    for ratio, amplitude, decay in (
        (1.0, 0.56, 1.09),
        (1.0015, 0.18, 1.0),
        (2.0, 0.14, 1.82),
        (2.003, 0.06, 1.71),
        (3.0, 0.03, 3.27),
        (4.01, 0.02, 5.27),
        (5.02, 0.01, 8.0),
    ):
        wave += amplitude * np.exp(-decay * time_s) * np.sin(2.0 * np.pi * 500.0 * ratio * time_s)
    wave[:ATTACK] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(ATTACK) / ATTACK)
    start = RATE_HZ // 2
    assert np.max(np.abs(rung(ONCE, 3)[start : start + len(wave)] - BELL_GAIN * wave)) < 1e-9


def test_strikes_come_at_their_times_or_at_an_interval() -> None:
    assert list(strikes(ONCE, 0, RATE_HZ)) == [RATE_HZ // 2]
    assert list(strikes(ONCE, RATE_HZ // 2 + 1, RATE_HZ)) == []
    assert list(strikes(OFTEN, 0, 31 * RATE_HZ)) == [10 * RATE_HZ, 20 * RATE_HZ, 30 * RATE_HZ]
    assert list(strikes(OFTEN, 20 * RATE_HZ, 20 * RATE_HZ + 1)) == [20 * RATE_HZ]


def test_silence_lasts_until_the_next_strike() -> None:
    assert silent_until(ONCE, 0, QUANTUM) == RATE_HZ // 2
    assert silent_until(ONCE, RATE_HZ // 2, RATE_HZ // 2 + QUANTUM) is None
    assert silent_until(ONCE, 5 * RATE_HZ, 5 * RATE_HZ + QUANTUM) is None
    assert silent_until(ONCE, 8 * RATE_HZ, 8 * RATE_HZ + QUANTUM) == 2**53
    assert sounds_until(ONCE, 5 * RATE_HZ, 5 * RATE_HZ + QUANTUM) == RATE_HZ // 2 + 7 * RATE_HZ
    assert sounds_until(ONCE, 8 * RATE_HZ, 8 * RATE_HZ + QUANTUM) is None
    assert silent_until(OFTEN, 0, QUANTUM) == 10 * RATE_HZ
    assert silent_until(OFTEN, 18 * RATE_HZ, 18 * RATE_HZ + QUANTUM) == 20 * RATE_HZ


def test_a_stretch_ends_where_a_bell_begins_or_is_over() -> None:
    plan = prepare(played(ONCE, noise=True))
    before, ringing, after = (plan.stretch(0, quantum) for quantum in (0, 25, 50 * 8))
    assert before is not None
    assert ringing is not None
    assert after is not None
    assert [len(one.bells) for one in (before, ringing, after)] == [0, 1, 0]
    assert before.until == 25  # the strike lies at half a second
    assert ringing.until == 25 + 50 * 7


def test_what_rings_over_itself_is_the_sum_of_its_strikes() -> None:
    close = BellLayer("bell", FULL, 500.0, 4.0, (0.5, 1.5, 2.5), None)
    alone = [BellLayer("bell", FULL, 500.0, 4.0, (at,), None) for at in close.at_s]
    assert most_at_once(close) == 28
    assert most_at_once(ONCE) == 1
    together = rung(close, 35)
    assert np.max(np.abs(together - sum(rung(layer, 35) for layer in alone))) < 1e-12
    assert np.abs(together).max() < peak(close)


def test_several_quanta_at_once_change_no_bit() -> None:
    close = BellLayer("bell", FULL, 500.0, 1.0, (0.01, 1.013), None)
    apart = rung(close, 9)
    assert bell_samples(close, np.arange(9 * RATE_HZ)).tobytes() == apart.tobytes()


def test_a_seek_goes_to_the_bell_of_its_time() -> None:
    instance = played(ONCE)
    jumped = seek_change(instance, 4800, 0).instance
    whole, later = render(instance, 0, 60_000), render(jumped, 0, 66_000)
    assert np.allclose(whole[24_000:60_000], later[28_800:64_800], atol=1e-6)


def test_any_split_gives_the_same_bits() -> None:
    plan, cache = prepare(played(ONCE, OFTEN_ELSE, noise=True)), GranuleCache()
    whole = render(plan, 0, 96_000, cache)
    parts = [render(plan, start, 1_000, cache) for start in range(0, 96_000, 1_000)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_it_does_not_turn_the_rest_down() -> None:
    with_bell = played(ONCE, noise=True)
    noise = {"noise": {"kind": "noise", "color": "pink", "level": 60}}
    program = parse_program({"v": 1, "title": "", "mode": "meditate", "layers": noise})
    assert with_bell.gain_db == open_instance(program, seed=1, live_frame=0).gain_db


OFTEN_ELSE = BellLayer("gong", FULL, 220.0, 0.5, (), 10.0)
