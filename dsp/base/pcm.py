"""From planar float32 to bytes: keyed dither, rounding, interleaving."""

from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM
from dsp.base.keyed import hash64, hash64_array, philox_rows

Codec = Literal["s16", "f32"]
FRAME_BYTES: Final = {"s16": 4, "f32": 8}
"""Bytes of one stereo frame."""
FULL_SCALE: Final = np.float32(32768.0)

_DITHER_BLOCKS: Final = 64
_DITHER_KEY: Final = 0x5D17
# 1.5·2^23: adding it leaves the nearest integer in the low bits of a float32's mantissa
_ROUNDING: Final = np.float32(12_582_912.0)
_LOW_HALF: Final = np.uint32(0xFFFF)
_HALF_BITS: Final = np.uint32(16)
_WORD_BITS: Final = np.uint64(32)


@cache
def dither_blocks() -> NDArray[np.float32]:
    """TPDF dither of ±1 step, (2, 64, 960): differences of two uniform draws."""
    words = philox_rows(_DITHER_KEY, 0, 1, _DITHER_BLOCKS * 2 * QUANTUM)
    halves = words.view(np.uint32).reshape(-1, 2).astype(np.float64) / 2.0**32
    blocks = (halves[:, 0] - halves[:, 1]).astype(np.float32).reshape(2, _DITHER_BLOCKS, QUANTUM)
    blocks.flags.writeable = False
    return blocks


def dither_index(quantum: int) -> int:
    """Which block of dither a quantum gets; the same for every listener."""
    return hash64(_DITHER_KEY, quantum) % _DITHER_BLOCKS


def dither_indices(quanta: NDArray[np.int64]) -> NDArray[np.intp]:
    """`dither_index` of many quanta."""
    return (hash64_array(_DITHER_KEY, quanta) % np.uint64(_DITHER_BLOCKS)).astype(np.intp)


def pack_s16(signal: NDArray[np.float32], dither: NDArray[np.float32], out: NDArray[np.uint32]) -> None:
    """Round (2, …) with dither of the same shape to interleaved int16 frames (…); spoils `signal`.

    The caller keeps |signal| below 1 − 2⁻¹⁵, so nothing can wrap.
    """
    signal *= FULL_SCALE
    signal += dither
    signal += _ROUNDING
    bits = signal.view(np.uint32)
    left, right = bits
    np.left_shift(right, _HALF_BITS, out=right)
    np.bitwise_and(left, _LOW_HALF, out=left)
    np.bitwise_or(left, right, out=out)


def pack_f32(signal: NDArray[np.float32], out: NDArray[np.uint64]) -> None:
    """Interleave (2, …) to float32 frames (…)."""
    left, right = signal.view(np.uint32)
    np.left_shift(right, _WORD_BITS, out=out, dtype=np.uint64)
    np.bitwise_or(left, out, out=out)
