from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import docs
from server.kit.settings import Settings
from server.realtime import wire
from server.realtime.asyncapi import message_tables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("file", "name"), docs.PARTS)
def test_the_page_says_what_the_code_says(file: str, name: str) -> None:
    page = (docs.ROOT / file).read_text()
    assert page == docs.renewed(page, name, docs.PARTS[file, name]()), "run scripts/check --write"


def test_everything_is_in_the_tables() -> None:
    settings = docs.settings()
    assert all(f"| `{name.upper()}` |" in settings for name in Settings.model_fields)
    assert "| `upgrade_required` | 403 |" in docs.errors()
    messages = message_tables()
    assert all(f"### `{kind}`" in messages for kind in {**wire.CLIENT_MESSAGES, **wire.SERVER_MESSAGES})
    assert all(f"| `{code}` |" in messages for code in wire.ERROR_CODES)


def test_only_the_part_is_renewed() -> None:
    page = "above\n<!-- x: made by scripts/docs.py -->\nold\n<!-- /x -->\nbelow\n"
    once = docs.renewed(page, "x", "new\n")
    assert once == "above\n<!-- x: made by scripts/docs.py -->\n\nnew\n\n<!-- /x -->\nbelow\n"
    assert docs.renewed(once, "x", "new\n") == once
    with pytest.raises(ValueError, match="There is no place for y"):
        docs.renewed(page, "y", "")


def test_a_stale_page_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- x: made by scripts/docs.py -->\n<!-- /x -->\n")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "PARTS", {("page.md", "x"): lambda: "new\n"})
    assert docs.main(write=False) == 1
    assert "page.md: the part x is not what the code says" in capsys.readouterr().err
    assert docs.main(write=True) == 0
    assert docs.main(write=False) == 0
