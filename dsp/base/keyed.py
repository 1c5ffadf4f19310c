"""Randomness as a function of its key: any number can be had again, in any order, in any process.

Single draws are a 64-bit hash of integers. Blocks of noise are raw words of Philox 4x64-10, whose stream
is fixed for ever, turned into Gaussians by our own Box–Muller transform, because numpy's own may change.
"""

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
ComplexRows: TypeAlias = NDArray[np.complex64]

_MASK: Final = (1 << 64) - 1
# splitmix64: the golden-ratio increment and the two multipliers of its finaliser (Steele, Lea, Flood 2014)
_INCREMENT: Final = 0x9E3779B97F4A7C15
_MULTIPLIER_1: Final = 0xBF58476D1CE4E5B9
_MULTIPLIER_2: Final = 0x94D049BB133111EB
_UNIT: Final = 2.0**-53
_HALF_WORD: Final = np.float32(2.0**-32)
_TURN: Final = np.float32(2.0 * math.pi)


def hash64(*keys: int) -> int:
    """Fold integers of either sign, in order, into one well-mixed 64-bit word."""
    word = _INCREMENT
    for key in keys:
        word = ((word ^ (key & _MASK)) + _INCREMENT) & _MASK
        word = ((word ^ (word >> 30)) * _MULTIPLIER_1) & _MASK
        word = ((word ^ (word >> 27)) * _MULTIPLIER_2) & _MASK
        word ^= word >> 31
    return word


def hash64_array(*keys: int | NDArray[np.int64] | Words) -> Words:
    """`hash64` of integer keys that may be arrays, broadcast together; equal to it element by element."""
    word = np.asarray(_INCREMENT, np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            folded = np.uint64(key & _MASK) if isinstance(key, int) else key.astype(np.uint64)
            word = (word ^ folded) + np.uint64(_INCREMENT)
            word = (word ^ (word >> np.uint64(30))) * np.uint64(_MULTIPLIER_1)
            word = (word ^ (word >> np.uint64(27))) * np.uint64(_MULTIPLIER_2)
            word = word ^ (word >> np.uint64(31))
    return np.asarray(word)


def hash_text(text: str) -> int:
    """A 64-bit key for a name, the same in every process (unlike `hash`)."""
    return hash64(*text.encode())


def uniform(*keys: int) -> float:
    """A number in [0, 1) on a grid of 2^-53, fixed by its keys."""
    return (hash64(*keys) >> 11) * _UNIT


def uniform_array(*keys: int | NDArray[np.int64] | Words) -> NDArray[np.float64]:
    """`uniform` of integer keys that may be arrays, broadcast together."""
    values: NDArray[np.float64] = (hash64_array(*keys) >> np.uint64(11)).astype(np.float64)
    return values * _UNIT


def philox_rows(key: int, first_block: int, blocks: int, count: int, start: int = 0) -> Words:
    """Words (blocks, count): row i holds words `start …` of the endless stream (key, first + i).

    The block number is the highest counter word, so streams of different blocks never overlap. Philox makes
    four words at a time, hence `start` is a multiple of 4.
    """
    if start % 4:
        message = f"start must be a multiple of 4, not {start}"
        raise ValueError(message)
    # as uint64 arrays: numpy takes lists beyond 2^63 through float64 and loses their low bits
    counter = np.array([start // 4, 0, 0, first_block & _MASK], np.uint64)
    generator = np.random.Philox(counter=counter, key=np.array([key & _MASK, hash64(key)], np.uint64))
    state = generator.state
    words = np.empty((blocks, count), np.uint64)
    for row in range(blocks):
        counter[3] = (first_block + row) & _MASK
        state["state"]["counter"] = counter
        generator.state = state  # ten times cheaper than another generator
        words[row] = generator.random_raw(count)
    return words


def complex_gaussians(key: int, first_block: int, blocks: int, count: int, start: int = 0) -> ComplexRows:
    """Complex Gaussians (blocks, count) with mean square 2, one for each word of `philox_rows`.

    Box and Muller 1958: radius √(−2 ln u) from the upper half of the word, angle 2πv from the lower.
    """
    words = philox_rows(key, first_block, blocks, count, start)
    radius = (words >> np.uint64(32)).astype(np.float32)
    radius += np.float32(0.5)
    radius *= _HALF_WORD
    np.log(radius, out=radius)
    radius *= np.float32(-2.0)
    np.sqrt(radius, out=radius)
    angle = words.astype(np.uint32).astype(np.float32)
    angle *= _HALF_WORD * _TURN
    values = np.empty((blocks, count), np.complex64)
    np.multiply(radius, np.cos(angle), out=values.real)
    np.multiply(radius, np.sin(angle), out=values.imag)
    return values


def uniform_rows(key: int, block: int, rows: int, count: int) -> NDArray[np.float64]:
    """Numbers (rows, count) in [0, 1), fixed by (key, block); a row does not depend on how many follow."""
    words = philox_rows(key, block, 1, rows * count).reshape(rows, count)
    values: NDArray[np.float64] = (words >> np.uint64(11)).astype(np.float64)
    return values * _UNIT


def gaussians(key: int, block: int, count: int) -> NDArray[np.float32]:
    """Independent standard Gaussians (count,), fixed by (key, block)."""
    return complex_gaussians(key, block, 1, (count + 1) // 2).view(np.float32)[0, :count]


def value_noise(key: int, x: float) -> float:
    """V(x): smooth keyed noise in [−1, 1], smoothstep between keyed values at the integers."""
    cell = math.floor(x)
    ramp = x - cell
    ramp *= ramp * (3.0 - 2.0 * ramp)
    left = 2.0 * uniform(key, cell) - 1.0
    right = 2.0 * uniform(key, cell + 1) - 1.0
    return left + (right - left) * ramp


def value_noise_array(key: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """`value_noise` at each of many places."""
    cell = np.floor(x).astype(np.int64)
    ramp = x - cell
    ramp *= ramp * (3.0 - 2.0 * ramp)
    left = 2.0 * uniform_array(key, cell) - 1.0
    right = 2.0 * uniform_array(key, cell + 1) - 1.0
    return left + (right - left) * ramp
