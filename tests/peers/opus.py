"""FFmpeg's Opus decoder, as a browser's would be used: packets in, frames out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

Heard = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def decode(packets: Iterable[bytes]) -> Heard:
    """(frames, 2) of packets of one encoder, from its first on."""
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate = 48_000
    decoder.layout = "stereo"
    blocks: list[Heard] = []
    for data in packets:
        for frame in decoder.decode(av.Packet(data)):
            block = frame.to_ndarray()
            if not frame.format.is_planar:
                block = block.reshape(-1, 2).T
            if block.dtype == np.int16:
                block = block / np.float32(32_768)
            blocks.append(block.T.astype(np.float32))
    return np.concatenate(blocks)
