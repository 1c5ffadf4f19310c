"""What the security page names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
NAMED: Final = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.req("S1-88")
def test_every_test_that_it_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs" / "security.md").read_text())
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or f"def {name}" not in (ROOT / path).read_text()
    ]
    assert len(named) > 40
    assert missing == []
