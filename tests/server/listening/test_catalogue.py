from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dsp import listen
from dsp.listen.program import MODES
from server.listening.catalogue import MORE, PRESETS, find_preset
from server.listening.opening import session_id_of
from server.listening.presets import FIRST, SOUNDS
from server.listening.traits import traits_of

if TYPE_CHECKING:
    from server.listening.presets import Preset

every_other = pytest.mark.parametrize("preset", MORE, ids=lambda preset: preset.id)


@pytest.mark.req("S0-30")
def test_there_is_a_choice_in_every_mode() -> None:
    assert len(PRESETS) >= 18
    of_mode = Counter(preset.mode for preset in PRESETS)
    assert set(of_mode) == set(MODES)
    assert min(of_mode.values()) >= 3


def test_the_first_of_each_mode_come_first() -> None:
    assert PRESETS[: len(FIRST)] == FIRST


def test_every_sound_is_in_one() -> None:
    audible = {layer.id for preset in PRESETS for layer in preset.layers if layer.level > 0}
    assert audible == set(SOUNDS)


def test_a_library_can_be_filtered_by_genre_and_effect() -> None:
    traits = [traits_of(listen.parse_program(preset.program())) for preset in PRESETS]
    genres = {"ambient", "lofi", "piano", "drone", "minimal", "nature", "noise"}
    assert {one.genre for one in traits} == genres
    assert {one.effect for one in traits} == {"low", "medium", "high"}


@pytest.mark.parametrize("field", ["id", "title", "line"])
def test_no_two_are_called_the_same(field: str) -> None:
    assert max(Counter(getattr(preset, field) for preset in PRESETS).values()) == 1


def test_no_id_could_be_that_of_an_own_preset() -> None:
    assert [preset.id for preset in PRESETS if session_id_of(preset.id)] == []


@every_other
def test_takes_rates_and_evidence_from_its_mode_and_no_place_on_the_first_screen(preset: Preset) -> None:
    (first,) = (first for first in FIRST if first.mode == preset.mode)
    assert (preset.rate_hz, preset.depth, preset.evidence) == (first.rate_hz, first.depth, first.evidence)
    assert {preset.well, preset.segment, preset.chip} == {False}
    assert "{scene}" not in "".join(preset.why.values())


def test_a_preset_is_found_by_its_id_and_an_unknown_name_is_none() -> None:
    assert [find_preset(preset.id) for preset in PRESETS] == list(PRESETS)
    assert find_preset("gamma") is None
