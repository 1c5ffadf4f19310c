from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from server.kit.media import RATE_HZ, UnknownFormat, check_format, write_audio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def pcm() -> NDArray[np.int16]:
    """A second of two tones, an odd number of frames in all."""
    time_s = np.arange(RATE_HZ + 7) / RATE_HZ
    tones = [np.sin(2 * np.pi * pitch_hz * time_s) * 12_000 for pitch_hz in (440, 660)]
    return np.stack(tones, axis=1).astype(np.int16)


def decoded(path: Path) -> NDArray[np.float64]:
    """(frames, 2), full scale 1."""
    with av.open(path) as container:
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE_HZ)
        parts = [
            part.to_ndarray().reshape(-1, 2)
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    return np.concatenate(parts).astype(np.float64)


def blocks_of(pcm: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    return [pcm[:1000], pcm[1000:30_000], pcm[30_000:]]


def test_a_wav_holds_the_samples(tmp_path: Path, pcm: NDArray[np.int16]) -> None:
    write_audio(tmp_path / "a.wav", blocks_of(pcm), "A")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
        assert file.readframes(file.getnframes()) == pcm.tobytes()


def test_a_flac_decodes_to_the_samples(tmp_path: Path, pcm: NDArray[np.int16]) -> None:
    write_audio(tmp_path / "a.flac", blocks_of(pcm), "A name")
    assert (decoded(tmp_path / "a.flac") * 32_768).astype(np.int16).tobytes() == pcm.tobytes()
    with av.open(tmp_path / "a.flac") as container:
        assert {name.casefold(): value for name, value in container.metadata.items()}["title"] == "A name"


@pytest.mark.parametrize("ending", [".opus", ".mp3"])
def test_what_loses_something_sounds_alike(tmp_path: Path, pcm: NDArray[np.int16], ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write_audio(path, blocks_of(pcm), "A")
    heard, wanted = decoded(path)[: len(pcm)], pcm / 32_768
    at = max(range(2400), key=lambda shift: float((heard[shift:][:9600] * wanted[:9600]).sum()))
    rest = heard[at + 9600 : at + 28_800] - wanted[9600:28_800]
    assert np.sqrt((rest**2).mean()) < 0.05 * np.sqrt((wanted**2).mean())


def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"must end in .wav, .flac, .opus, .mp3"):
        check_format(tmp_path / "a.aiff")
    with pytest.raises(UnknownFormat):
        write_audio(tmp_path / "a.aiff", [], "A")
    assert list(tmp_path.iterdir()) == []
