import math

import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64
from dsp.listen.sources import stream
from dsp.listen.sources.shaped_noise import moving_noise
from dsp.listen.sources.stream import stream_granule


def test_bubbles_are_triangular_over_octaves() -> None:
    pitches = np.array([stream._frequency_hz((i + 0.5) / 10_000) for i in range(10_000)])
    assert pitches.min() == pytest.approx(350.0, rel=0.01)
    assert pitches.max() == pytest.approx(2400.0, rel=0.01)
    density, edges = np.histogram(np.log(pitches), bins=24)
    assert math.exp(edges[int(density.argmax())]) == pytest.approx(850.0, rel=0.1)


def test_bubbles_ring_out_of_the_water() -> None:
    """Around the pitch of most of them they stand as high as the bed, in peaks."""
    key = hash64(stream._RECIPE, 0)
    band = signal.butter(4, (600.0, 1300.0), "bandpass", fs=RATE_HZ, output="sos")
    seconds = range(1_790_000_000, 1_790_000_010)
    whole = np.concatenate([stream_granule(0, second)[0] for second in seconds])
    water = np.concatenate(
        [
            moving_noise(
                hash64(key, stream._NOISE),
                second,
                stream._BINS,
                stream._CORRELATION,
                lambda time_s: stream._magnitudes(key, time_s),
            )[0]
            for second in seconds
        ]
    )
    bubbles, water = signal.sosfilt(band, whole - water), signal.sosfilt(band, water)
    assert 0.4 < bubbles.std() / water.std() < 1.5
    assert np.abs(bubbles).max() > 6.0 * bubbles.std()
