"""The K-weighting filter of ITU-R BS.1770-4, annex 1, at 48 kHz."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ

# tables 1 and 2: the shelf of a spherical head, then the low cut of the revised B curve
_STAGES: Final = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_BLOCK: Final = 96
# a state that has decayed to this share of itself no longer counts in float64
_FORGOTTEN: Final = 1e-20

_Matrix = NDArray[np.float64]


def k_weighted_power(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared magnitude of the filter at each frequency."""
    delay = np.exp(-2j * np.pi * frequencies_hz / RATE_HZ)
    power = np.ones_like(frequencies_hz)
    for numerator, denominator in _STAGES:
        ratio = np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
        power *= np.abs(ratio) ** 2
    return power


def k_weight(frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """Frames (channels, count) through the filter, from rest.

    Both stages as one system of four states, a block of 96 frames at a time: within a block the output is one
    matrix product; states at the borders of blocks are summed by doubling, without a loop over blocks.
    """
    channels, count = frames.shape
    blocks = -(-count // _BLOCK)
    padded = np.zeros((channels, blocks * _BLOCK))
    padded[:, :count] = frames
    inputs = padded.reshape(channels, blocks, _BLOCK)
    from_input, from_state, to_state, carry = _block_matrices()
    states = np.zeros((channels, blocks, 4))
    np.matmul(inputs[:, :-1], to_state.T, out=states[:, 1:])
    step = 1
    while step < blocks and np.max(np.abs(carry)) > _FORGOTTEN:
        states[:, step:] += states[:, :-step] @ carry.T
        carry = carry @ carry
        step *= 2
    outputs = inputs @ from_input.T + states @ from_state.T
    return outputs.reshape(channels, -1)[:, :count]


@cache
def _block_matrices() -> tuple[_Matrix, _Matrix, _Matrix, _Matrix]:
    """Output from input (96, 96) and from state (96, 4), state from input (4, 96) and from state (4, 4)."""
    advance, inject, observe, direct = _state_space()
    powers = [np.eye(4)]
    for _ in range(_BLOCK):
        powers.append(advance @ powers[-1])
    response = [direct, *(float(observe @ power @ inject) for power in powers[: _BLOCK - 1])]
    lags = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    from_input = np.where(lags >= 0, np.array(response)[np.maximum(lags, 0)], 0.0)
    from_state = np.stack([observe @ power for power in powers[:_BLOCK]])
    to_state = np.stack([power @ inject for power in powers[_BLOCK - 1 :: -1]], axis=1)
    return from_input, from_state, to_state, powers[_BLOCK]


def _state_space() -> tuple[_Matrix, _Matrix, _Matrix, float]:
    """A, B, C, D of x' = A x + B u, y = C x + D u: both stages in a row, in transposed direct form II."""
    advance, inject, observe, direct = np.zeros((4, 4)), np.zeros(4), np.zeros(4), 1.0
    for stage, (numerator, denominator) in enumerate(_STAGES):
        (b0, b1, b2), (_, a1, a2) = numerator, denominator
        own = slice(2 * stage, 2 * stage + 2)
        feed = np.array([b1 - a1 * b0, b2 - a2 * b0])
        advance[own] = np.outer(feed, observe)
        advance[own, own] = [[-a1, 1.0], [-a2, 0.0]]
        inject[own] = feed * direct
        observe *= b0
        observe[2 * stage] = 1.0
        direct *= b0
    return advance, inject, observe, direct
