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
    """What does not change while n frequencies stand still."""

    rotations: Phasors
    """From the start of the quantum to each sub-block, (K, n)."""
    waves: Floats
    """Within a sub-block, (2n, M): rows for cos A and sin A of each sine in turn."""


def sine_tables(freq_hz: Doubles, amplitude: Doubles) -> SteadyTables:
    """Tables of Σ amplitude·sin 2πφ."""
    angle = _TURN * np.outer(freq_hz / RATE_HZ, np.arange(_STEADY_FRAMES))
    rows = np.stack([np.sin(angle), np.cos(angle)], axis=1) * amplitude[:, None, None]
    return SteadyTables(_rotations(freq_hz), rows.reshape(-1, _STEADY_FRAMES).astype(np.float32))


def raised_cosine_tables(freq_hz: float, offset: float, swing: float) -> SteadyTables:
    """Tables of offset + swing·cos 2πφ; the constant is a third row, (3, M)."""
    angle = (_TURN * freq_hz / RATE_HZ) * np.arange(_STEADY_FRAMES)
    rows = np.stack([swing * np.cos(angle), -swing * np.sin(angle), np.full_like(angle, offset)])
    return SteadyTables(_rotations(np.array([freq_hz])), rows.astype(np.float32))


def _rotations(freq_hz: Doubles) -> Phasors:
    step = np.outer(np.arange(STEADY_BLOCKS) * _STEADY_FRAMES, freq_hz) / RATE_HZ
    rotations: Phasors = np.exp((1j * _TURN) * step).astype(np.complex64)
    return rotations


def phasors(cycles: Doubles) -> Phasors:
    """Exp 2πiφ of phases in cycles."""
    angle = _TURN * (cycles - np.floor(cycles))
    out = np.empty(angle.shape, dtype=np.complex64)
    out.real = np.cos(angle)
    out.imag = np.sin(angle)
    return out


def steady(cycles: Doubles, rotations: Phasors, waves: Floats, out: Floats) -> None:
    """Sines into out (…, 960) of phases at the start (…, n), by rotations (…, K, n) and waves (…, R, M).

    A row of ones is added for the constant where waves has one more row than phasors have numbers.
    """
    turned = phasors(cycles)[..., None, :] * rotations
    coarse = turned.view(np.float32)
    if waves.shape[-2] > coarse.shape[-1]:
        ones = np.ones((*coarse.shape[:-1], 1), dtype=np.float32)
        coarse = np.concatenate([coarse, ones], axis=-1)
    np.matmul(coarse, waves, out=out.reshape(*out.shape[:-1], STEADY_BLOCKS, _STEADY_FRAMES))


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Phases that glide through quanta: cycles at the start, Hz there, Hz a second; each (…, n)."""

    cycles: Doubles
    freq_hz: Doubles
    slope: Doubles

    def __add__(self, other: "Motion") -> "Motion":
        return Motion(self.cycles + other.cycles, self.freq_hz + other.freq_hz, self.slope + other.slope)

    def __sub__(self, other: "Motion") -> "Motion":
        return Motion(self.cycles - other.cycles, self.freq_hz - other.freq_hz, self.slope - other.slope)


def gliding_sines(motion: Motion, amplitude: Doubles, out: Floats) -> None:
    """Σ amplitude·sin 2πφ into out (…, 960); amplitude broadcasts to (…, n)."""
    coarse, deviation, fine = _gliding(motion)
    coarse *= amplitude[..., None, :].astype(np.float32)
    columns = _interleaved(coarse, coarse * deviation)
    sin, cos, late = np.sin(fine), np.cos(fine), _WITHIN
    waves = np.stack([sin, cos, late * cos, -late * sin], axis=-2)
    _product(columns, waves, out)


def gliding_cosine(motion: Motion, offset: Doubles, swing: Doubles, out: Floats) -> None:
    """Offset + swing·cos 2πφ into out (…, 960); motion (…, 1), offset and swing (…, K) per sub-block."""
    coarse, deviation, fine = _gliding(motion)
    coarse *= swing[..., None].astype(np.float32)
    columns = _interleaved(coarse, coarse * deviation)
    columns = np.concatenate([columns, offset[..., None].astype(np.float32)], axis=-1)
    sin, cos, late = np.sin(fine), np.cos(fine), _WITHIN
    waves = np.stack([cos, -sin, -late * sin, -late * cos], axis=-2)
    constant = np.ones((*waves.shape[:-3], 1, 1, _GLIDE_FRAMES))
    _product(columns, np.concatenate([waves, constant], axis=-2), out)


_WITHIN: Final = np.arange(_GLIDE_FRAMES) / RATE_HZ
_BLOCK_STARTS: Final = (np.arange(GLIDE_BLOCKS) * _GLIDE_FRAMES / RATE_HZ)[:, None]
_MIDDLE_S: Final = 0.5 * QUANTUM / RATE_HZ


def _gliding(motion: Motion) -> tuple[Phasors, Floats, Doubles]:
    """Phasors (…, K, n) and angular deviations (…, K, n) of sub-blocks, angles (…, n, M) within them."""
    cycles, freq_hz, slope = (part[..., None, :] for part in (motion.cycles, motion.freq_hz, motion.slope))
    t = _BLOCK_STARTS
    coarse = phasors(cycles + freq_hz * t + (0.5 * slope) * (t * t))
    deviation = (_TURN * slope * (t - _MIDDLE_S)).astype(np.float32)
    middle = (motion.freq_hz + motion.slope * _MIDDLE_S)[..., None]
    fine = _TURN * (middle * _WITHIN + (0.5 * motion.slope[..., None]) * (_WITHIN * _WITHIN))
    return coarse, deviation, fine


def _interleaved(coarse: Phasors, late: Phasors) -> Floats:
    """Columns re, im, re late, im late of each sine in turn, (…, K, 4n)."""
    both = np.stack([coarse, late], axis=-1)
    return both.view(np.float32).reshape(*coarse.shape[:-1], -1)


def _product(columns: Floats, waves: Doubles, out: Floats) -> None:
    """(…, K, R) @ (…, n, R/n, M) into (…, 960)."""
    rows = waves.astype(np.float32).reshape(*waves.shape[:-3], -1, _GLIDE_FRAMES)
    np.matmul(columns, rows, out=out.reshape(*out.shape[:-1], GLIDE_BLOCKS, _GLIDE_FRAMES))
