from __future__ import annotations

import pytest

from clients.desktop.screen.keys import read_keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b" ", ["space"]),
        (b"qm?", ["q", "m", "?"]),
        (b"\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[1;5Cq", ["q"]),
        (b"\x1b[3~n", ["n"]),
        (b"\x1b[200", []),
        (b"", []),
    ],
)
def test_keys_have_names_and_other_sequences_are_skipped(data: bytes, keys: list[str]) -> None:
    assert read_keys(data) == keys
