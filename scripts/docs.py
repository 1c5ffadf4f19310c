"""Keeps the generated parts of the documentation equal to the code; `--write` writes them.

A generated part stands between `<!-- NAME: made by scripts/docs.py -->` and `<!-- /NAME -->`.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import server.app  # noqa: F401 - with it every slice is loaded, and so are all errors
from server.kit.errors import SoundwellError
from server.kit.settings import setting_table
from server.realtime.asyncapi import message_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]


def settings() -> str:
    """Every setting, a table for each group."""
    parts = []
    for group, rows in groupby(setting_table(), key=lambda row: row.group):
        lines = [
            f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.help} |" for row in rows
        ]
        parts.append(
            "\n".join([f"**{group}**\n", "| variable | default | meaning |", "|---|---|---|", *lines])
        )
    return "\n\n".join(parts) + "\n"


def errors() -> str:
    """Every error code of the HTTP interface, with its usual sentence."""
    ours = (error for error in _below(SoundwellError) if error.__module__.startswith("server."))
    rows = {(error.status, error.code, error.message) for error in ours}
    lines = [f"| `{code}` | {status} | {message} |" for status, code, message in sorted(rows)]
    return "\n".join(["| code | status | sentence |", "|---|---|---|", *lines]) + "\n"


def _below(error: type[SoundwellError]) -> Iterator[type[SoundwellError]]:
    yield error
    for below in error.__subclasses__():
        yield from _below(below)


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("README.md", "settings"): settings,
    ("docs/errors.md", "errors"): errors,
    ("docs/wire.md", "messages"): message_tables,
}


def renewed(page: str, name: str, text: str) -> str:
    """The page with `text` as its part `name`."""
    begin, end = f"<!-- {name}: made by scripts/docs.py -->\n", f"<!-- /{name} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"There is no place for {name}: it wants a line {begin.strip()} and a line {end}.")
    return f"{before}{begin}\n{text}\n{end}{after}"


def main(*, write: bool) -> int:
    """Compare (or write) every page; the status is the number of pages that differ."""
    stale = 0
    for (file, name), make in PARTS.items():
        path = ROOT / file
        page = path.read_text()
        wanted = renewed(page, name, make())
        if write:
            path.write_text(wanted)
        elif page != wanted:
            stale += 1
            sys.stderr.write(
                f"{file}: the part {name} is not what the code says; run scripts/check --write.\n"
            )
    return stale


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv))
