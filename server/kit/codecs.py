"""Live Opus: the libopus that ships inside PyAV's wheel, called directly.

No package of the system is needed; calls release the interpreter's lock, so encoders run beside Python.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ: Final = 48_000
CHANNELS: Final = 2
PACKET_FRAMES: Final = 960
"""20 ms, the only length that is used here."""
DELAY_FRAMES: Final = 312
"""A decoder's output lies so far behind the encoder's input; the library is asked whether it is so."""
PACKET_BYTES: Final = 240
"""Every packet, 96 kb/s: of equal length they are written in one go, and lie in memory as PCM does."""
COMPLEXITY: Final = 0
"""Of 0 to 10. The highest costs more than twice as much."""

_APPLICATION_AUDIO: Final = 2049
_SET_BITRATE: Final = 4002
_SET_VBR: Final = 4006
_SET_COMPLEXITY: Final = 4010
_GET_LOOKAHEAD: Final = 4027


class CodecError(RuntimeError):
    """The library is missing, or refused what it was given."""


@cache
def _library() -> ctypes.CDLL:
    """Functions of libopus with the types of their arguments."""
    library = ctypes.CDLL(str(library_path()))
    library.opus_encoder_create.restype = ctypes.c_void_p
    library.opus_encoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    library.opus_encoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.opus_encode_float.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_int32,
    ]
    return library


def library_path() -> Path:
    """The shared library in PyAV's wheel: beside the package, or inside it on macOS."""
    spec = find_spec("av")
    if spec is None or spec.origin is None:
        raise CodecError("The package av is missing; install the requirements again.")
    package = Path(spec.origin).parent
    for folder, name in ((package.parent / "av.libs", "libopus-*.so*"), (package / ".dylibs", "libopus*")):
        found = next(iter(sorted(folder.glob(name))), None)
        if found is not None:
            return found
    raise CodecError("PyAV's wheel holds no libopus on this platform.")


class OpusEncoder:
    """One stereo stream at 48 kHz; used by one thread at a time."""

    def __init__(self, complexity: int = COMPLEXITY) -> None:
        self._library = _library()
        error = ctypes.c_int()
        self._state: int | None = self._library.opus_encoder_create(
            RATE_HZ, CHANNELS, _APPLICATION_AUDIO, ctypes.byref(error)
        )
        if error.value or not self._state:
            raise CodecError(f"libopus made no encoder (error {error.value}).")
        self._set(_SET_BITRATE, PACKET_BYTES * 8 * RATE_HZ // PACKET_FRAMES)
        self._set(_SET_VBR, 0)
        self._set(_SET_COMPLEXITY, complexity)
        delay = ctypes.c_int32()
        self._library.opus_encoder_ctl(self._state, _GET_LOOKAHEAD, ctypes.byref(delay))
        if delay.value != DELAY_FRAMES:
            raise CodecError(f"This libopus delays by {delay.value} frames, not {DELAY_FRAMES}.")

    def encode(self, signal: NDArray[np.float32], head: int = 0) -> NDArray[np.uint8]:
        """Packets of 960 frames each of signal (frames, 2), as rows (packets, head + PACKET_BYTES)."""
        block = np.ascontiguousarray(signal, dtype=np.float32)
        if block.ndim != 2 or block.shape[1] != CHANNELS or len(block) % PACKET_FRAMES:
            raise CodecError(f"Opus takes (n·{PACKET_FRAMES}, {CHANNELS}) frames, not {block.shape}.")
        packets = np.empty((len(block) // PACKET_FRAMES, head + PACKET_BYTES), dtype=np.uint8)
        source, stride = block.ctypes.data, PACKET_FRAMES * block.strides[0]
        target = packets.ctypes.data + head
        for i in range(len(packets)):
            size = self._library.opus_encode_float(
                self._state, source + i * stride, PACKET_FRAMES, target + i * packets.strides[0], PACKET_BYTES
            )
            if size != PACKET_BYTES:
                raise CodecError(f"libopus could not encode (it returned {size}).")
        return packets

    def _set(self, request: int, value: int) -> None:
        if self._library.opus_encoder_ctl(self._state, request, ctypes.c_int32(value)):
            raise CodecError(f"libopus refused {value} for {request}.")

    def __del__(self) -> None:
        state, self._state = getattr(self, "_state", None), None
        if state:
            self._library.opus_encoder_destroy(state)
