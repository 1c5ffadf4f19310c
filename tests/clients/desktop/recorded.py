"""Reading what `--record` wrote, by a reader of our own: the standard library knows no float."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def read_recording(path: Path) -> NDArray[np.float32]:
    """(frames, 2); checks every field of the header on the way."""
    data = path.read_bytes()
    riff, size, wave = struct.unpack_from("<4sI4s", data)
    assert (riff, size, wave) == (b"RIFF", len(data) - 8, b"WAVE")
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at < len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        chunks[name] = data[at + 8 : at + 8 + length]
        at += 8 + length
    assert struct.unpack("<HHIIHHH", chunks[b"fmt "]) == (3, 2, 48_000, 384_000, 8, 32, 0)
    frames = np.frombuffer(chunks[b"data"], "<f4").reshape(-1, 2)
    assert struct.unpack("<I", chunks[b"fact"]) == (len(frames),)
    return frames
