"""Oscillator banks: many sines of one quantum as one small matrix product.

A quantum is cut into K sub-blocks of M frames. With A the phase at the start of a sub-block and B the
phase within it, sin(A + B) = cos A·sin B + sin A·cos B: a product (K, 2n) @ (2n, M) sums n sines. For
steady frequencies cos A, sin A come from the phase at the start of the quantum by one complex rotation.
For gliding ones A is computed for each sub-block, B belongs to the frequency in the middle of the
quantum, and two more rows a sine carry what the frequency deviates by, to the first order.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles

Floats = NDArray[np.float32]
Phasors = NDArray[np.complex64]

STEADY_BLOCKS: Final = 8
GLIDE_BLOCKS: Final = 32
_TURN: Final = 2.0 * np.pi
_STEADY_FRAMES: Final = QUANTUM // STEADY_BLOCKS
_GLIDE_FRAMES: Final = QUANTUM // GLIDE_BLOCKS


@dataclass(frozen=True, slots=True, eq=False)
class SteadyTables:
    """What does not change while n frequencies stand still; leading axes as their owner wants them."""

    rotations: Phasors
    """From the start of the quantum to each sub-block, (…, K, n)."""
    waves: Floats
    """Within a sub-block, (…, 2n, M): rows for cos A and sin A of each sine in turn."""


def sine_tables(freq_hz: Doubles, amplitude: Doubles) -> SteadyTables:
    """Tables of Σ amplitude·sin 2πφ of sines (…, n)."""
    angle = (_TURN / RATE_HZ) * freq_hz[..., None] * np.arange(_STEADY_FRAMES)
    rows = np.stack([np.sin(angle), np.cos(angle)], axis=-2) * amplitude[..., None, None]
    waves = rows.reshape(*freq_hz.shape[:-1], -1, _STEADY_FRAMES).astype(np.float32)
    return SteadyTables(_rotations(freq_hz), waves)


def raised_cosine_tables(freq_hz: float, offset: float, swing: float) -> SteadyTables:
    """Tables of offset + swing·cos 2πφ; the constant is a third row, (3, M)."""
    angle = (_TURN / RATE_HZ) * freq_hz * np.arange(_STEADY_FRAMES)
    rows = np.stack([swing * np.cos(angle), -swing * np.sin(angle), np.full_like(angle, offset)])
    return SteadyTables(_rotations(np.array([freq_hz])), rows.astype(np.float32))


def _rotations(freq_hz: Doubles) -> Phasors:
    start = (np.arange(STEADY_BLOCKS) * _STEADY_FRAMES / RATE_HZ)[:, None]
    return phasors(freq_hz[..., None, :] * start)


def phasors(cycles: Doubles) -> Phasors:
    """Exp 2πiφ of phases in cycles."""
    angle = _TURN * (cycles - np.rint(cycles))
    out = np.empty(angle.shape, dtype=np.complex64)
    out.real, out.imag = np.cos(angle), np.sin(angle)
    return out


def cos_sin(cycles: Doubles) -> tuple[Floats, Floats]:
    """Cosine and sine of phases in cycles; within half a cycle of 0 a float32 is exact to −143 dB."""
    angle = ((cycles - np.rint(cycles)) * _TURN).astype(np.float32)
    return np.cos(angle), np.sin(angle)


def turned(cycles: Doubles, rotations: Phasors, rows: int) -> Floats:
    """Columns (…, K, rows) of phases at the start of a quantum (…, n), by rotations (…, K, n).

    A column of ones is added for the constant where there is one row more than phasors have numbers.
    """
    coarse = (phasors(cycles)[..., None, :] * rotations).view(np.float32)
    if rows == coarse.shape[-1]:
        return coarse
    columns = np.ones((*coarse.shape[:-1], rows), dtype=np.float32)
    columns[..., :-1] = coarse
    return columns


def woven(columns: Floats, waves: Floats, out: Floats) -> None:
    """Sines into out (…, 960): columns (…, K, R) by waves (…, R, M)."""
    np.matmul(columns, waves, out=out.reshape(*out.shape[:-1], STEADY_BLOCKS, _STEADY_FRAMES))


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Phases that glide through quanta: cycles at the start, Hz there, Hz a second; each (…, n)."""

    cycles: Doubles
    freq_hz: Doubles
    slope: Doubles


def gliding_sines(motion: Motion, amplitude: Doubles, out: Floats) -> None:
    """Σ amplitude·sin 2πφ into out (…, 960); amplitude broadcasts to (…, n)."""
    cos, sin, deviation = _coarse(motion)
    scale = amplitude[..., None].astype(np.float32)
    cos *= scale
    sin *= scale
    fine_cos, fine_sin = _fine(motion)
    late = _WITHIN.astype(np.float32)
    columns = np.stack([cos, sin, cos * deviation, sin * deviation], axis=-2)
    waves = np.stack([fine_sin, fine_cos, late * fine_cos, -late * fine_sin], axis=-2)
    _product(columns, waves, out)


def gliding_cosine(motion: Motion, offset: Doubles, swing: Doubles, out: Floats) -> None:
    """Offset + swing·cos 2πφ into out (…, 960); motion (…, 1), offset and swing (…, K) per sub-block."""
    cos, sin, deviation = _coarse(motion)
    scale = swing[..., None, :].astype(np.float32)
    cos *= scale
    sin *= scale
    fine_cos, fine_sin = _fine(motion)
    late = _WITHIN.astype(np.float32)
    constant = offset[..., None, :].astype(np.float32)
    columns = np.stack([cos, sin, cos * deviation, sin * deviation, constant], axis=-2)
    ones = np.ones_like(fine_cos)
    waves = np.stack([fine_cos, -fine_sin, -late * fine_sin, -late * fine_cos, ones], axis=-2)
    _product(columns, waves, out)


_WITHIN: Final = np.arange(_GLIDE_FRAMES) / RATE_HZ
_BLOCK_STARTS: Final = np.arange(GLIDE_BLOCKS) * _GLIDE_FRAMES / RATE_HZ
_MIDDLE_S: Final = 0.5 * QUANTUM / RATE_HZ


def _coarse(motion: Motion) -> tuple[Floats, Floats, Floats]:
    """Cosine, sine and angular deviation at the start of each sub-block, (…, n, K)."""
    cycles, freq_hz, slope = (part[..., None] for part in (motion.cycles, motion.freq_hz, motion.slope))
    phase = cycles + freq_hz * _BLOCK_STARTS + slope * (0.5 * _BLOCK_STARTS * _BLOCK_STARTS)
    deviation = slope.astype(np.float32) * (_TURN * (_BLOCK_STARTS - _MIDDLE_S)).astype(np.float32)
    return *cos_sin(phase), deviation


def _fine(motion: Motion) -> tuple[Floats, Floats]:
    """Cosine and sine within a sub-block, (…, n, M), at the frequency in the middle of the quantum."""
    middle = (motion.freq_hz + motion.slope * _MIDDLE_S)[..., None]
    return cos_sin(middle * _WITHIN + motion.slope[..., None] * (0.5 * _WITHIN * _WITHIN))


def _product(columns: Floats, waves: Floats, out: Floats) -> None:
    """(…, n, r, K) turned, @ (…, n, r, M), into (…, 960)."""
    left = columns.reshape(*columns.shape[:-3], -1, GLIDE_BLOCKS).swapaxes(-1, -2)
    right = waves.reshape(*waves.shape[:-3], -1, _GLIDE_FRAMES)
    np.matmul(left, right, out=out.reshape(*out.shape[:-1], GLIDE_BLOCKS, _GLIDE_FRAMES))
