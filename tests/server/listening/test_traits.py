from __future__ import annotations

import pytest

from dsp import listen
from server.listening.traits import traits_of

RAIN = {"kind": "texture", "recipe": "rain", "level": 60}
PADS = {"kind": "bed", "recipe": "ambient", "level": 50}
NOISE = {"kind": "noise", "color": "pink", "level": 55}
TONES = {"kind": "binaural", "voices": [{"carrier_hz": 200, "beat_hz": 4}], "level": 45}


def program(layers: dict[str, object], depth: object = None) -> listen.Program:
    modulation = None if depth is None else {"rate_hz": 10, "depth": depth}
    return listen.parse_program(
        {"v": 1, "title": "", "mode": "focus", "layers": layers, "modulation": modulation}
    )


@pytest.mark.parametrize(
    ("layers", "genre"),
    [
        ({"rain": RAIN, "pads": PADS, "noise": NOISE}, "nature"),
        ({"pads": PADS, "noise": {**NOISE, "level": 0}}, "ambient"),
        ({"pads": PADS, "noise": NOISE, "tones": {**TONES, "level": 100}}, "noise"),
        ({"tones": TONES}, "tones"),
        ({"tones": TONES, "pads": {**PADS, "level": 0}}, "tones"),
    ],
)
def test_genre_is_that_of_the_loudest_layer(layers: dict[str, object], genre: str) -> None:
    assert traits_of(program(layers)).genre == genre


@pytest.mark.parametrize(
    ("depth", "effect"),
    [(None, "none"), (0, "none"), (20, "low"), (32, "medium"), (45, "medium"), (60, "high"), (75, "high")],
)
def test_effect_is_the_step_of_the_depth(depth: float | None, effect: str) -> None:
    assert traits_of(program({"pads": PADS}, depth)).effect == effect


def test_effect_is_the_strongest_there_is() -> None:
    assert traits_of(program({"pads": PADS}, [[0, 0], [60, 75]])).effect == "high"
    assert traits_of(program({"pads": PADS, "tones": TONES}, 20)).effect == "medium"
