from __future__ import annotations

import re

import pytest

from server.kit import errors
from server.kit.errors import SoundwellError, UpgradeRequired, ValidationFailed, error_table

FLOOR = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SoundwellError)
]


@pytest.mark.parametrize("kind", FLOOR)
def test_the_tree_at_the_top_of_the_file_shows_each_error_as_it_is(kind: type[SoundwellError]) -> None:
    assert errors.__doc__ is not None
    assert re.search(rf"\b{kind.__name__} +{kind.status}  {kind.code}\b", errors.__doc__)


def test_the_table_has_every_code_once_with_a_sentence() -> None:
    rows = [row for row in error_table() if row.code in {kind.code for kind in FLOOR}]

    assert {row.code for row in rows} == {kind.code for kind in FLOOR}
    assert rows == sorted(rows, key=lambda row: (row.status, row.code))
    for row in rows:
        assert 400 <= row.status < 600
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", row.code)
        assert row.message.endswith(".")


def test_the_table_finds_errors_that_slices_add_below() -> None:
    class TooManyBeats(ValidationFailed):
        code = "too_many_beats"

    assert [row.status for row in error_table() if row.code == TooManyBeats.code] == [400]


def test_an_error_says_its_own_sentence_unless_given_another() -> None:
    assert str(ValidationFailed()) == ValidationFailed.message
    assert str(ValidationFailed("The level is above 100.", field="level")) == "The level is above 100."
    assert ValidationFailed(field="level").field == "level"


def test_upgrade_required_names_the_feature() -> None:
    assert UpgradeRequired(feature="stems").extra == {"feature": "stems"}
