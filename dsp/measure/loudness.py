"""Loudness by ITU-R BS.1770-4 and EBU R128 of whole recordings: integrated, momentary, short-term, range."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.measure.k_weighting import k_weight, k_weighted_power

Levels = NDArray[np.float64]

SUB_BLOCK: Final = RATE_HZ // 100
"""10 ms: fine enough that no momentary maximum hides between two windows."""

# L, R, C, Ls, Rs (BS.1770-4, table 3)
_CHANNEL_WEIGHTS: Final = np.array([1.0, 1.0, 1.0, 1.41, 1.41])
_OFFSET_DB: Final = -0.691
_MOMENTARY, _SHORT_TERM, _STEP = 40, 300, 10
_ABSOLUTE_GATE_LUFS: Final = -70.0
_CHUNK_SUB_BLOCKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a meter shows after a whole recording; −inf where nothing passes the gate."""

    integrated_lufs: float
    momentary_lufs: Levels
    """Windows of 400 ms, every 10 ms."""
    short_term_lufs: Levels
    """Windows of 3 s, every 100 ms."""
    range_lu: float


def measure_loudness(frames: NDArray[np.floating]) -> Loudness:
    """Loudness of frames (channels, count) at 48 kHz; channels in the order L R C Ls Rs."""
    powers = sub_block_powers(frames)
    short_term = _levels(_window_means(powers, _SHORT_TERM)[::_STEP])
    return Loudness(
        integrated_lufs=_integrated(_window_means(powers, _MOMENTARY)[::_STEP]),
        momentary_lufs=_levels(_window_means(powers, _MOMENTARY)),
        short_term_lufs=short_term,
        range_lu=_range(short_term),
    )


def integrated_lufs(frames: NDArray[np.floating]) -> float:
    """Gated loudness of frames (channels, count)."""
    return _integrated(_window_means(sub_block_powers(frames), _MOMENTARY)[::_STEP])


def spectrum_lufs(frequencies_hz: NDArray[np.float64], powers: NDArray[np.float64], channels: int) -> float:
    """Loudness of a steady noise whose mean power per channel is given at each frequency."""
    return _level(channels * float(np.sum(powers * k_weighted_power(frequencies_hz))))


def sub_block_powers(frames: NDArray[np.floating]) -> Levels:
    """Weighted sums over channels of the mean square of each whole 10 ms (equations 1 and 2).

    The filter has forgotten everything after a second, so long recordings go through it in pieces of 10 s.
    """
    count = frames.shape[1] // SUB_BLOCK
    powers = np.empty(count)
    for first in range(0, count, _CHUNK_SUB_BLOCKS):
        last = min(first + _CHUNK_SUB_BLOCKS, count)
        before = min(first, RATE_HZ // SUB_BLOCK)
        weighted = k_weight(frames[:, (first - before) * SUB_BLOCK : last * SUB_BLOCK])[
            :, before * SUB_BLOCK :
        ]
        squares = np.square(weighted).reshape(len(frames), last - first, SUB_BLOCK).mean(axis=2)
        powers[first:last] = _CHANNEL_WEIGHTS[: len(frames)] @ squares
    return powers


def _window_means(powers: Levels, window: int) -> Levels:
    """Mean power of every window of `window` sub-blocks."""
    if len(powers) < window:
        return np.empty(0)
    means: Levels = np.lib.stride_tricks.sliding_window_view(powers, window).mean(axis=1)
    return means


def _levels(powers: Levels) -> Levels:
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET_DB + 10.0 * np.log10(powers))


def _level(power: float) -> float:
    return float(_levels(np.array(power)))


def _integrated(powers: Levels) -> float:
    """Mean over the 400 ms blocks that pass both gates (equations 5 to 7)."""
    loud = powers[_levels(powers) > _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return -np.inf
    relative_gate = _level(loud.mean()) - 10.0
    return _level(loud[_levels(loud) > relative_gate].mean())


def _range(short_term: Levels) -> float:
    """Loudness range (EBU Tech 3342, section 3): 10th to 95th percentile of what passes the gates."""
    loud = short_term[short_term > _ABSOLUTE_GATE_LUFS]
    if not loud.size:
        return 0.0
    relative_gate = 10.0 * np.log10(np.mean(10.0 ** (loud / 10.0))) - 20.0
    low, high = np.percentile(loud[loud > relative_gate], (10.0, 95.0))
    return float(high - low)
