from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clients.desktop.audio.recording import Recording, _header
from tests.clients.desktop.recorded import read_recording

if TYPE_CHECKING:
    from pathlib import Path


def test_the_very_samples_are_kept(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).standard_normal((1000, 2)).astype(np.float32)
    recording = Recording(tmp_path / "a.wav")
    block = sound[:300].copy()
    recording.add(block)
    block[:] = 0  # the card's buffer is used again
    recording.flush()
    assert recording.frames == 300
    recording.add(sound[300:])
    recording.close()
    assert read_recording(tmp_path / "a.wav").tobytes() == sound.tobytes()


def test_an_empty_recording_is_a_file_still(tmp_path: Path) -> None:
    Recording(tmp_path / "a.wav").close()
    assert len(read_recording(tmp_path / "a.wav")) == 0


def test_the_header_of_twelve_hours_names_what_the_format_can() -> None:
    assert _header(12 * 3600 * 48_000)[-4:] == (2**32 - 64).to_bytes(4, "little")
