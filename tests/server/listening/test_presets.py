from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dsp import listen
from dsp.listen.program import MODES
from server.listening.catalogue import PRESETS
from server.listening.presets import EFFECT_LEVELS, FIRST, INTENSITY_ADDRESS, SLEEP, SOUNDS, Preset, layers_of

every_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
SELLING = re.compile(r"!|proven|unlock|boost|perfect|powerful|optimal|guarantee", re.IGNORECASE)


def opened(preset: Preset, duration_s: float | None = None) -> listen.Instance:
    program = listen.parse_program(preset.program(duration_s))
    return listen.open_instance(program, seed=1, live_frame=0)


def values(preset: Preset, t_s: float, duration_s: float | None = None) -> dict[str, float | str]:
    return listen.values_at(opened(preset, duration_s), round(t_s * listen.RATE_HZ))


def test_each_mode_has_a_first_one() -> None:
    assert {preset.mode for preset in FIRST} == set(MODES)
    assert len(FIRST) == len(MODES)


def test_effect_levels_are_those_of_the_product() -> None:
    assert dict(EFFECT_LEVELS) == {"low": 20, "medium": 45, "high": 75}


def test_wells_and_segments_are_in_the_order_of_the_page() -> None:
    assert [preset.id for preset in FIRST if preset.well] == ["focus", "relax", "sleep"]
    assert [preset.id for preset in FIRST if preset.segment] == ["focus", "relax", "sleep", "meditate"]
    assert [preset.id for preset in FIRST if preset.chip] == ["deep_work", "energize"]


@every_preset
def test_program_is_one_that_a_stranger_could_open(preset: Preset) -> None:
    program = listen.parse_program(preset.program())
    assert listen.program_cost(program) <= 2.0
    assert program.mode == preset.mode


@every_preset
def test_program_holds_every_layer_and_method_of_the_screen(preset: Preset) -> None:
    addresses = {spec.address for spec in listen.param_specs(listen.parse_program(preset.program()))}
    assert set(INTENSITY_ADDRESS.values()) <= addresses
    assert {f"{layer.id}.level" for layer in preset.layers} <= addresses


@every_preset
def test_a_method_is_on_and_the_others_are_silent(preset: Preset) -> None:
    for method, patch in preset.methods().items():
        assert {address for address, value in patch.items() if value > 0} == {INTENSITY_ADDRESS[method]}
        assert patch[INTENSITY_ADDRESS[method]] == preset.intensity


@every_preset
def test_begins_with_its_own_method_at_its_own_intensity(preset: Preset) -> None:
    start = values(preset, 0)
    assert {address: start[address] for address in INTENSITY_ADDRESS.values()} == preset.methods()[
        preset.method
    ]
    assert {layer.id: start[f"{layer.id}.level"] for layer in preset.layers} == {
        layer.id: pytest.approx(layer.level) for layer in preset.layers
    }


@pytest.mark.parametrize(
    ("preset_id", "t_s", "rate_hz"),
    [
        ("focus", 0, 10),
        ("focus", 120, 16),
        ("focus", 1500, 16),
        ("deep_work", 1500, 18),
        ("relax", 0, 10),
        ("relax", 600, 8),
        ("meditate", 600, 6),
        ("energize", 900, 20),
        ("sleep", 0, 8),
        ("sleep", 2700, 2),
    ],
)
def test_rates_follow_the_mode(preset_id: str, t_s: float, rate_hz: float) -> None:
    (preset,) = (preset for preset in FIRST if preset.id == preset_id)
    now = values(preset, t_s)
    for address in ("am.rate_hz", "iso.rate_hz", "binaural.beat_hz"):
        assert now[address] == pytest.approx(rate_hz)


@pytest.mark.parametrize("duration_s", [600.0, 2700.0, 7200.0])
def test_sleep_sinks_over_its_whole_length_and_leaves_the_bed_alone(duration_s: float) -> None:
    rates = [
        float(values(SLEEP, share * duration_s, duration_s)["am.rate_hz"]) for share in (0, 0.35, 0.7, 1)
    ]
    assert rates == pytest.approx([8, 4, 2, 2])
    depths = [float(values(SLEEP, share * duration_s, duration_s)["am.depth"]) for share in (0, 0.5, 1)]
    assert depths == pytest.approx([10, 10, 0], abs=1e-6)
    assert max(depths) < EFFECT_LEVELS["low"]


def test_sleep_has_no_beta() -> None:
    assert max(rate for _, rate, *_ in SLEEP.rate_hz) < 13


@every_preset
def test_words_are_plain(preset: Preset) -> None:
    for text in (preset.title, preset.line, *preset.why.values()):
        assert not SELLING.search(text)
        assert text[0].isupper()
    assert set(preset.why) == set(INTENSITY_ADDRESS)
    assert "headphones" in preset.why["binaural"]
    filled = [text.format(rate="16", level="Mid") for text in preset.why.values()]
    assert all(text.endswith(".") for text in filled)


@pytest.mark.parametrize("sound", SOUNDS)
def test_every_sound_can_lie_under_texture(sound: str) -> None:
    program = replace(SLEEP, layers=layers_of(**{sound: 40})).program()
    first = listen.param_specs(listen.parse_program(program))[0]
    assert (first.address, first.default) == (f"{sound}.level", 40)
