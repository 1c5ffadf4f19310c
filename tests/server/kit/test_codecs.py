"""Our encoder against a decoder that nobody here wrote (FFmpeg's, by PyAV)."""

from __future__ import annotations

import av
import numpy as np
import pytest

from server.kit import codecs
from server.kit.codecs import DELAY_FRAMES, PACKET_BYTES, PACKET_FRAMES, CodecError, OpusEncoder
from tests.peers.opus import decode


def tone(start: int, frames: int, hz: float = 440.0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(frames, 2) of a sine of -12 dBFS that depends on the position alone."""
    wave = 0.25 * np.sin(2 * np.pi * hz * np.arange(start, start + frames) / 48_000)
    return np.stack([wave, -wave], axis=1).astype(np.float32)


def test_what_is_fed_ahead_by_the_delay_is_decoded_in_its_place() -> None:
    packets = OpusEncoder().encode(tone(DELAY_FRAMES, 50 * PACKET_FRAMES))
    heard = decode(one.tobytes() for one in packets)
    wanted = tone(0, 50 * PACKET_FRAMES)
    settled = slice(4 * PACKET_FRAMES, None)
    noise_db = 20 * np.log10(np.std(heard[settled] - wanted[settled]) / np.std(wanted[settled]))
    assert noise_db < -20
    assert np.corrcoef(heard[settled, 0], wanted[settled, 0])[0, 1] > 0.999


def test_packets_have_equal_length_and_room_before_them() -> None:
    signal = np.random.default_rng(1).normal(0, 0.1, (10 * PACKET_FRAMES, 2)).astype(np.float32)
    signal[5 * PACKET_FRAMES :] = 0.0
    packets = OpusEncoder().encode(signal, head=28)
    assert packets.shape == (10, 28 + PACKET_BYTES)
    assert len(decode(one.tobytes() for one in packets[:, 28:])) == len(signal)


def test_two_encoders_say_the_same_of_the_same() -> None:
    signal = tone(0, 10 * PACKET_FRAMES)
    one, two = OpusEncoder(), OpusEncoder()
    parts = [two.encode(signal[:2880]), two.encode(signal[2880:])]
    assert np.array_equal(one.encode(signal), np.concatenate(parts))


@pytest.mark.parametrize("shape", [(959, 2), (960, 1), (1920,)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(CodecError, match="takes"):
        OpusEncoder().encode(np.zeros(shape, np.float32))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(CodecError, match="refused"):
        OpusEncoder(complexity=11)


def test_a_wheel_without_the_library_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(codecs, "find_spec", lambda _: None)
    with pytest.raises(CodecError, match="av is missing"):
        codecs.library_path()


def test_the_library_is_the_one_in_the_wheel() -> None:
    assert "av" in str(codecs.library_path())
    assert av.__version__
