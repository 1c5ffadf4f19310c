"""What of a station lies above 1.5 kHz: the part that the shadow of a head takes away."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.listen.sources.shaped_noise import Doubles, Stereo

CUTOFF_HZ: Final = 1500.0
REACH: Final = 127
"""Frames to either side that a frame depends on."""
_TRANSFORM: Final = 49_152


def high_band(before: Stereo, here: Stereo, after: Stereo) -> Stereo:
    """The high band (2, 48000) of the middle one of three consecutive seconds, in phase with it."""
    frames = np.concatenate([before[:, -REACH:], here, after[:, :REACH]], axis=1)
    spectrum = np.fft.rfft(frames, _TRANSFORM) * _response()
    whole = np.fft.irfft(spectrum, _TRANSFORM)
    return np.ascontiguousarray(whole[:, 2 * REACH : 2 * REACH + GRANULE], dtype=np.float32)


@cache
def _response() -> NDArray[np.complex64]:
    return np.fft.rfft(impulse_response(), _TRANSFORM).astype(np.complex64)


def impulse_response() -> Doubles:
    """A windowed sinc (255,) of linear phase that passes what is above the cutoff, and no mean."""
    place = np.arange(-REACH, REACH + 1)
    low = 2.0 * CUTOFF_HZ / RATE_HZ * np.sinc(2.0 * CUTOFF_HZ / RATE_HZ * place) * np.blackman(2 * REACH + 1)
    response: Doubles = -low / low.sum()
    response[REACH] += 1.0
    return response
