from typing import Any

import numpy as np
import pytest

from dsp.base.ramps import raised_cosine
from dsp.base.units import db_to_gain
from dsp.listen import (
    GranuleCache,
    Instance,
    open_instance,
    parse_program,
    play_change,
    seek_change,
)
from dsp.listen.direct import direct_quantum, sine, station_keys, station_loudness_gain
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.sources import granule

CACHE = GranuleCache()
LIVE_FRAME = 960 * 77
POS = np.arange(960 * 5, 960 * 6)


def _instance(layers: dict[str, Any], modulation: dict[str, Any] | None = None) -> Instance:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    program = parse_program(body | ({"modulation": modulation} if modulation else {}))
    return open_instance(program, seed=1, live_frame=LIVE_FRAME)


def _rendered(instance: Instance, quantum: int = 5) -> np.ndarray:
    return direct_quantum(instance, instance.states[-1], quantum, CACHE).astype(np.float64)


def test_binaural_is_carrier_plus_half_a_beat_left_and_minus_right() -> None:
    voices = [{"carrier_hz": 200, "beat_hz": 10, "gain": 0.5}]
    instance = _instance({"tones": {"kind": "binaural", "level": 50, "voices": voices}})
    gain = 0.5 * 0.25 * TONE_GAIN * db_to_gain(instance.gain_db)
    left, right = _rendered(instance)
    assert left == pytest.approx(gain * np.sin(2 * np.pi * 205 * POS / 48_000), abs=1e-8)
    assert right == pytest.approx(gain * np.sin(2 * np.pi * 195 * POS / 48_000), abs=1e-8)


def test_monaural_is_half_of_each_in_both_ears() -> None:
    voices = [{"carrier_hz": 200, "beat_hz": 10}]
    mono = _instance({"tones": {"kind": "monaural", "level": 50, "voices": voices}})
    gain = 0.5 * 0.25 * TONE_GAIN * db_to_gain(mono.gain_db)
    both = np.sin(2 * np.pi * 205 * POS / 48_000) + np.sin(2 * np.pi * 195 * POS / 48_000)
    left, right = _rendered(mono)
    assert left == pytest.approx(gain * both, abs=1e-8)
    assert np.array_equal(left, right)


def test_isochronic_is_a_tone_that_is_on_while_its_pulse_is() -> None:
    layer = {"kind": "isochronic", "carrier_hz": 300, "rate_hz": 10, "law": "hard", "duty": 0.5, "level": 100}
    instance = _instance({"iso": layer})
    # quantum 5 begins with the second cycle's on-window at 0.1 s, quantum 8 lies in its silence
    assert np.abs(_rendered(instance, 5)).max() > 0.9 * TONE_GAIN * db_to_gain(instance.gain_db)
    assert not _rendered(instance, 8).any()


def test_a_station_is_heard_at_its_own_position_and_loudness() -> None:
    instance = _instance({"noise": {"kind": "noise", "color": "pink", "level": 60}})
    station = instance.stations["noise"]
    second, offset = divmod(LIVE_FRAME + 960 * 5, 48_000)
    samples = granule("noise:pink", station.seed, second)[:, offset : offset + 960]
    gain = 0.36 * station_loudness_gain("noise:pink", station.seed) * db_to_gain(instance.gain_db)
    assert _rendered(instance) == pytest.approx(gain * samples, abs=1e-7)
    assert [key.second for key in station_keys(instance, instance.states[0], 5)] == [second]


def test_a_band_has_the_station_gain_of_its_colour() -> None:
    assert station_loudness_gain("noise:pink:3", 1) == station_loudness_gain("noise:pink", 1)


def test_all_bands_turned_down_together_turn_the_noise_down() -> None:
    noise = {"kind": "noise", "color": "pink", "level": 60}
    plain, quieter = (_instance({"noise": noise | {"bands_db": [gain_db] * 10}}) for gain_db in (0, -12))
    ratio = db_to_gain(-12 + quieter.gain_db - plain.gain_db)
    assert _rendered(quieter) == pytest.approx(ratio * _rendered(plain), abs=1e-6)


def test_modulation_acts_on_stations_and_not_on_tones() -> None:
    noise = {"kind": "noise", "color": "pink", "level": 60}
    tones = {"kind": "binaural", "level": 50, "voices": [{"carrier_hz": 200, "beat_hz": 10}]}
    modulation = {"rate_hz": 10, "depth": 100}
    # at the start of each cycle a sine modulation of full depth is silent
    assert np.abs(_rendered(_instance({"noise": noise}, modulation), 5)[:, :20]).max() < 2e-3
    assert _rendered(_instance({"tones": tones}, modulation)) == pytest.approx(
        _rendered(_instance({"tones": tones}))
    )


def test_a_seek_crossfades_two_passages_of_the_program() -> None:
    tones = {"kind": "binaural", "level": 50, "voices": [{"carrier_hz": [[0, 200], [9, 300]], "beat_hz": 10}]}
    instance = _instance({"tones": tones})
    sought = seek_change(instance, 4000, 440_160, 12_000).instance
    share = raised_cosine(POS, 4000, 12_000)
    there = seek_change(instance, 0, 436_160, 480).instance
    mixed = (1.0 - share) * _rendered(instance) + share * _rendered(there)
    assert _rendered(sought) == pytest.approx(mixed, abs=1e-7)


def test_stations_are_tuned_with_equal_power() -> None:
    instance = _instance({"noise": {"kind": "noise", "color": "pink", "level": 60}})
    tuned = play_change(instance, 0, live_frame=LIVE_FRAME + 960 * 500).instance
    quantum = 50
    pos = np.arange(960 * quantum, 960 * (quantum + 1))
    angle = np.pi / 2 * raised_cosine(pos, 0, 96_000)
    there = _rendered(_instance_at(LIVE_FRAME + 960 * 500), quantum)
    mixed = np.cos(angle) * _rendered(instance, quantum) + np.sin(angle) * there
    assert _rendered(tuned, quantum) == pytest.approx(mixed, abs=1e-7)
    assert len(station_keys(tuned, tuned.states[-1], quantum)) == 2


def _instance_at(live_frame: int) -> Instance:
    program = _instance({"noise": {"kind": "noise", "color": "pink", "level": 60}}).program
    return open_instance(program, seed=1, live_frame=live_frame)


def test_a_sine_is_one_of_cycles() -> None:
    assert sine(np.array([0.0, 0.25, 3.75])) == pytest.approx([0.0, 1.0, -1.0])
