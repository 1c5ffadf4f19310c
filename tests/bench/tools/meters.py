"""Meters that are not ours: FFmpeg's EBU R 128, pyloudnorm's BS.1770-4, and peaks at eight times the rate."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import av.filter
import numpy as np
import pyloudnorm  # type: ignore[import-untyped]  # it has no types
import soxr  # type: ignore[import-untyped]  # it has no types
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]
RATE_HZ = 48_000
_BLOCK = 10 * RATE_HZ
_OVERLAP = 4800


def ffmpeg_ebur128(frames: NDArray[np.float32]) -> dict[str, float]:
    """Last readings of FFmpeg's meter for (frames, 2): I and LRA in LU(FS), true_peak as an amplitude, …"""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=RATE_HZ, layout="stereo", time_base=Fraction(1, RATE_HZ)
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    sink = graph.add("abuffersink")
    for before, after in pairwise((source, meter, sink)):
        before.link_to(after)
    graph.configure()
    readings: dict[str, float] = {}
    for start in range(0, len(frames), _BLOCK):
        piece = np.ascontiguousarray(frames[start : start + _BLOCK]).reshape(1, -1)
        block = av.AudioFrame.from_ndarray(piece, format="flt", layout="stereo")
        block.sample_rate, block.pts = RATE_HZ, start
        source.push(block)
        readings |= _pulled(sink)
    source.push(None)
    return readings | _pulled(sink)


def _pulled(sink: Any) -> dict[str, float]:
    """What the newest of the metered frames says."""
    readings: dict[str, float] = {}
    while True:
        try:
            metered = sink.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return readings
        readings = {key.removeprefix("lavfi.r128."): float(text) for key, text in metered.metadata.items()}


def pyloudnorm_lufs(frames: Samples) -> float:
    """Integrated loudness of (frames, 2)."""
    meter = pyloudnorm.Meter(RATE_HZ, filter_class="DeMan")
    return float(meter.integrated_loudness(frames.astype(np.float64)))


def oversampled_peak_dbtp(frames: Samples) -> float:
    """Greatest magnitude of (frames, 2) at 8 times the rate, a few seconds at a time."""
    most = 0.0
    for start in range(0, len(frames), _BLOCK):
        piece = frames[max(start - _OVERLAP, 0) : start + _BLOCK + _OVERLAP].astype(np.float64)
        most = max(most, float(np.abs(soxr.resample(piece, RATE_HZ, 8 * RATE_HZ, quality="VHQ")).max()))
    return 20.0 * float(np.log10(max(most, 1e-12)))
