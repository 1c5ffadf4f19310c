"""True peak: the largest value of the wave between the samples too (ITU-R BS.1770-4, annex 2)."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PHASES: Final = 8
_TAPS: Final = 48
_KAISER_BETA: Final = 7.0
_CHUNK: Final = 1 << 15


def true_peak(frames: NDArray[np.floating]) -> float:
    """Largest magnitude of frames (channels, count) at eight times their rate, linear; 0 of nothing."""
    ends = np.zeros((len(frames), _TAPS))
    padded = np.concatenate([ends, frames, ends], axis=1)
    peak = 0.0
    for first in range(0, padded.shape[1] - _TAPS + 1, _CHUNK):
        piece = padded[:, first : first + _CHUNK + _TAPS - 1]
        windows = np.lib.stride_tricks.sliding_window_view(piece, _TAPS, axis=1)
        between = windows @ _interpolator()
        peak = max(peak, float(np.max(np.abs(between))))
    return peak


def true_peak_dbtp(frames: NDArray[np.floating]) -> float:
    """`true_peak` in dB of full scale; −inf for silence."""
    with np.errstate(divide="ignore"):
        return float(20.0 * np.log10(true_peak(frames)))


@cache
def _interpolator() -> NDArray[np.float64]:
    """Windowed sinc (48 taps, 8 phases); phase 0 is the sample itself."""
    places = np.arange(_TAPS)[:, None] - (_TAPS // 2 - 1) - np.arange(_PHASES)[None, :] / _PHASES
    inside = np.clip(1.0 - (places / (_TAPS / 2)) ** 2, 0.0, None)
    taps: NDArray[np.float64] = np.sinc(places) * np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
    taps /= taps.sum(axis=0)
    return taps
