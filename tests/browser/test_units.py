"""Runs the unit tests in JavaScript: each exported function of a `test_*.js` is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

TESTS = Path(__file__).parents[1]
_EXPORTED = re.compile(r"^export (?:async )?function (\w+)", re.MULTILINE)


def _units() -> list[tuple[str, str]]:
    files = sorted(TESTS.glob("*/*/test_*.js"))
    return [
        (str(file.relative_to(TESTS)), name) for file in files for name in _EXPORTED.findall(file.read_text())
    ]


@pytest.mark.browser
@pytest.mark.parametrize(("file", "name"), _units())
def test_unit(blank: Page, file: str, name: str) -> None:
    blank.evaluate(
        "async ([file, name]) => { await (await import(`/tests/${file}`))[name](); }",
        [file, name],
    )
