from typing import Any

import numpy as np
import pyloudnorm  # type: ignore[import-untyped]  # it has no types
import pytest

from dsp.listen import RATE_HZ, open_instance, param_change, parse_program, render
from dsp.listen.loudness import MOST_LIFT_DB, gain_db_of
from dsp.listen.program import Program


def _program(layers: dict[str, Any], modulation: dict[str, Any] | None = None) -> Program:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    return parse_program(body | ({"modulation": modulation} if modulation else {}))


def _loudness(program: Program) -> float:
    sound = render(open_instance(program, seed=1, live_frame=96_000_000), 0, 8 * RATE_HZ)
    return float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(sound.astype(np.float64)))


VOICES = [{"carrier_hz": 120, "beat_hz": 10}, {"carrier_hz": 640, "beat_hz": 6}]


@pytest.mark.parametrize(
    "layers",
    [
        {"tones": {"kind": "binaural", "level": 60, "voices": VOICES}},
        {"tones": {"kind": "monaural", "level": 90, "voices": VOICES}},
        {"iso": {"kind": "isochronic", "level": 80, "carrier_hz": 300, "rate_hz": 10}},
        {
            "iso": {
                "kind": "isochronic",
                "level": 90,
                "carrier_hz": 300,
                "rate_hz": 9,
                "law": "hard",
                "duty": 0.2,
            }
        },
    ],
)
def test_tones_come_out_at_minus_20_lufs(layers: dict[str, Any]) -> None:
    assert _loudness(_program(layers)) == pytest.approx(-20.0, abs=0.2)


@pytest.mark.parametrize("bands_db", [[0] * 10, [0, 0, 0, 6, 6, -12, 3, 0, -24, 12]])
def test_noise_comes_out_at_minus_20_lufs_whatever_its_bands(bands_db: list[float]) -> None:
    layers = {"noise": {"kind": "noise", "color": "pink", "level": 60, "bands_db": bands_db}}
    assert _loudness(_program(layers, {"rate_hz": 9, "depth": 60})) == pytest.approx(-20.0, abs=0.6)


def test_a_slider_that_is_moved_does_change_the_loudness() -> None:
    program = _program({"tones": {"kind": "binaural", "level": 100, "voices": VOICES}})
    instance = open_instance(program, seed=1, live_frame=0)
    quieter = param_change(instance, 0, {"tones.level": 50.0}, 480).instance
    before, after = (render(one, 48_000, 48_000) for one in (instance, quieter))
    assert 20 * np.log10(before.std() / after.std()) == pytest.approx(12.04, abs=0.01)


def test_the_loudest_keyframe_counts() -> None:
    fading = [[0, 0], [10, 80], [600, 20]]
    layers = {"tones": {"kind": "binaural", "level": fading, "voices": VOICES}}
    steady = {"tones": {"kind": "binaural", "level": 80, "voices": VOICES}}
    assert gain_db_of(_program(layers)) == pytest.approx(gain_db_of(_program(steady)))


def test_silence_is_not_lifted_and_a_whisper_not_without_end() -> None:
    assert gain_db_of(_program({"tones": {"kind": "binaural", "level": 0, "voices": VOICES}})) == 0.0
    assert gain_db_of(_program({"tones": {"kind": "binaural", "level": 1, "voices": VOICES}})) == MOST_LIFT_DB


def test_a_monaural_voice_without_a_beat_is_one_sine_of_twice_the_amplitude() -> None:
    layers = {"tones": {"kind": "monaural", "level": 60, "voices": [{"carrier_hz": 200, "beat_hz": 0}]}}
    assert _loudness(_program(layers)) == pytest.approx(-20.0, abs=0.2)
