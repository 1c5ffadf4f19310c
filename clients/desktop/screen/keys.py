"""From the bytes of a terminal to names of keys."""

from __future__ import annotations

from typing import Final

_ARROWS: Final = {b"A": "up", b"B": "down", b"C": "right", b"D": "left"}
_SEQUENCES: Final = (b"\x1b[", b"\x1bO")


def read_keys(data: bytes) -> list[str]:
    """Names of what was pressed: `space`, `up`, letters as they are; other sequences are skipped."""
    keys: list[str] = []
    at = 0
    while at < len(data):
        if data[at : at + 2] in _SEQUENCES:
            end = at + 2
            while end < len(data) and not 0x40 <= data[end] <= 0x7E:
                end += 1
            if end == at + 2 and (arrow := _ARROWS.get(data[end : end + 1])):
                keys.append(arrow)
            at = end + 1
        else:
            sign = chr(data[at])
            keys.append("space" if sign == " " else sign)
            at += 1
    return keys
