"""Audio files from samples: WAV by the standard library, FLAC, Opus and MP3 by PyAV."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING, Final, cast

import av

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from av.audio import AudioStream
    from numpy.typing import NDArray

    Pcm = NDArray[np.int16]
    """(frames, 2)"""

RATE_HZ: Final = 48_000
_CODECS: Final = {".flac": ("flac", None), ".opus": ("libopus", 160_000), ".mp3": ("libmp3lame", 320_000)}
"""Encoder and bits per second, by ending."""
ENDINGS: Final = (".wav", *_CODECS)


class UnknownFormat(Exception):  # noqa: N818 - the name says what is wrong
    """A file name whose ending we cannot write."""


def check_format(path: Path) -> None:
    """Raise UnknownFormat where the ending is unknown; before anything is rendered."""
    if path.suffix not in ENDINGS:
        raise UnknownFormat(f"{path.name} must end in {', '.join(ENDINGS)}.")


def write_audio(path: Path, blocks: Iterable[Pcm], title: str) -> None:
    """Encode 16-bit stereo; what is lossless decodes to the very samples."""
    check_format(path)
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, RATE_HZ, 0, "NONE", ""))
            for block in blocks:
                file.writeframes(block.astype("<i2").tobytes())
        return
    _encode(path, blocks, title)


def _encode(path: Path, blocks: Iterable[Pcm], title: str) -> None:
    codec, bits_per_s = _CODECS[path.suffix]
    with av.open(path, "w", format=path.suffix[1:]) as container:
        container.metadata["title"] = title
        stream = cast("AudioStream", container.add_stream(codec, rate=RATE_HZ, layout="stereo"))
        if bits_per_s is not None:
            stream.bit_rate = bits_per_s
        pos = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE_HZ, pos
            pos += len(block)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
