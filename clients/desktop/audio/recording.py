"""What was played, as a WAV file of float32: the very samples, before the listener's volume."""

from __future__ import annotations

import struct
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from clients.desktop.audio.ring import Samples

_IEEE_FLOAT: Final = 3
_RATE_HZ: Final = 48_000
_FRAME_BYTES: Final = 8
_LONGEST_BYTES: Final = 2**32 - 64
"""What the format can name, three hours; readers take the rest by the length of the file."""
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHHH4sII4sI")


class Recording:
    """Takes frames on the sound card's thread and writes them on the loop's, for the disk may be slow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        self._waiting: deque[Samples] = deque()
        self._file = path.open("wb")
        self._file.write(_header(0))

    def add(self, block: Samples) -> None:
        """Keep frames."""
        self._waiting.append(block.copy())

    def flush(self) -> None:
        """Write what waits."""
        while self._waiting:
            block = self._waiting.popleft()
            self._file.write(block.astype("<f4").tobytes())
            self.frames += len(block)

    def close(self) -> None:
        """Write the rest, and how long it is."""
        self.flush()
        self._file.seek(0)
        self._file.write(_header(self.frames))
        self._file.close()


def _header(frames: int) -> bytes:
    """RIFF with `fmt ` (18 bytes, as other kinds than PCM have), `fact` and `data`."""
    size = min(frames * _FRAME_BYTES, _LONGEST_BYTES)
    rate, frame = _RATE_HZ, _FRAME_BYTES
    riff = (b"RIFF", _HEADER.size - 8 + size, b"WAVE")
    form = (b"fmt ", 18, _IEEE_FLOAT, 2, rate, rate * frame, frame, 32, 0)
    return _HEADER.pack(*riff, *form, b"fact", 4, size // _FRAME_BYTES, b"data", size)
