"""The grid that every sound lies on: 48 kHz, quanta of 20 ms, granules of one second."""

RATE_HZ = 48_000
"""Frames a second, everywhere inside the engine."""

QUANTUM = 960
"""Frames that are always computed together, on the absolute grid of positions."""

GRANULE = 48_000
"""Frames of one stored piece of a station."""


def quantum_of(pos: int) -> int:
    """Index of the quantum that holds the frame `pos`."""
    return pos // QUANTUM


def quantum_start(pos: int) -> int:
    """First frame of the quantum that holds the frame `pos`."""
    return pos - pos % QUANTUM
