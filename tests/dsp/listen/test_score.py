import numpy as np
import pytest

from dsp.base.units import db_to_gain, level_to_gain
from dsp.listen import parse_program
from dsp.listen.score import JUMP_FRAMES, Score, score_of

FRAMES = np.arange(0, 4 * 48_000, dtype=np.int64)


def _score(level: object) -> Score:
    layers = {
        "noise": {"kind": "noise", "color": "blue", "bands_db": [6] + [0] * 9, "level": level},
        "tones": {"kind": "monaural", "level": 10, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
        "iso": {"kind": "isochronic", "level": 10, "carrier_hz": 220, "rate_hz": 9},
        "rain": {"kind": "texture", "recipe": "rain", "level": 50},
    }
    program = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    return score_of(parse_program(program | {"modulation": {"rate_hz": 12, "depth": 45}}))


def test_every_track_has_a_curve_in_its_own_unit() -> None:
    curves = _score(50).curves
    assert curves["noise.level"].start_value == 0.25
    assert curves["noise.band_0"].start_value == pytest.approx(db_to_gain(6.0))
    assert curves["noise.color.blue"].start_value == 1.0
    assert curves["noise.color.pink"].start_value == 0.0
    assert curves["tones.half_beat.0"].start_value == 5.0
    assert curves["iso.rate"].start_value == 9.0
    assert curves["am.depth"].start_value == 0.45
    assert curves["output.gain"].start_value == 1.0


def test_a_level_moves_in_linear_gain() -> None:
    curve = _score([[0, 0], [2, 100]]).curves["noise.level"]
    assert curve.value_at(48_000) == 0.5


@pytest.mark.parametrize(
    "level",
    [
        [[0, 20], [1, 80, "hold"]],
        [[0, 20], [1, 80, "hold"], [2, 40, "hold"]],
        [[0, 20], [1, 80, "hold"], [1.01, 30, "hold"]],
        [[0, 20], [1, 80, "hold"], [1.01, 30]],
        [[0, 20], [1, 80, "hold"], [3, 30, "exponential"]],
    ],
)
def test_a_jump_after_a_hold_takes_ten_milliseconds(level: list[list[object]]) -> None:
    value = _score(level).curves["noise.level"].at(FRAMES)
    assert value[47_999] == level_to_gain(20)
    # a raised cosine over 10 ms is nowhere steeper than this
    assert np.abs(np.diff(value)).max() <= np.pi / 2 / JUMP_FRAMES * 0.64
