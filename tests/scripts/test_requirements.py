from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import requirements

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import pytest

pytestmark = [pytest.mark.req("S0-01"), pytest.mark.browser]

@pytest.mark.req("S0-02", "S9-99")
async def test_two():
    assert (1 +
            1) == 2
    with pytest.raises(ValueError):
        int("x")

def helper():
    assert False
"""
TABLE = "| id | what is promised |\n|---|---|\n| S0-01 | One. |\n| S0-02 | Two. |\n| S0-03 | Three. |\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.md").write_text(TABLE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(TESTS)
    return tmp_path


def test_everything_that_is_promised_is_shown_and_nothing_else_is_marked() -> None:
    promised = requirements.requirements()
    marked = {one for showing in requirements.showings() for one in showing.ids}
    assert len(promised) >= 22
    assert promised.keys() == marked


def test_the_overview_counts_and_names_what_is_missing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert requirements.main([], root) == 1
    assert capsys.readouterr().out.splitlines() == [
        "S0-01      1  One.",
        "S0-02      1  Two.",
        "",
        "2 of 3 are shown by a test.",
        "",
        "Without a test:",
        "S0-03         Three.",
        "",
        "Marked, but not in docs/requirements.md: S9-99",
    ]


def test_one_requirement_stands_beside_its_asserts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert requirements.main(["--show", "S0-02"], root) == 0
    assert capsys.readouterr().out.splitlines() == [
        "S0-02  Two.",
        "",
        "tests/test_x.py::test_two",
        "    assert (1 + 1) == 2",
        "    pytest.raises(ValueError)",
    ]
    assert requirements.main(["--show", "S0-03"], root) == 1
