import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.listen.sources.notes import Note, add_note, raised_cosine
from dsp.listen.sources.timbres import bell, pad

FAR = 1_790_000_000 * RATE_HZ


def note(onset: int, *, struck: bool = False, length: int = 5 * RATE_HZ) -> Note:
    timbre = bell(3, 76, 4) if struck else pad(3, 57, 4)
    return Note(
        onset, length, timbre, 57, 0.3, 0.2, RATE_HZ // 50 if struck else RATE_HZ, RATE_HZ, 0.25, struck
    )


def played(sound: Note, first: int, seconds: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    pieces = []
    for second in range(seconds):
        dry, send = np.zeros((2, GRANULE), np.float32), np.zeros(GRANULE, np.float32)
        add_note(sound, first + second * GRANULE, dry, send)
        pieces.append((dry, send))
    return np.concatenate([dry for dry, _ in pieces], axis=1), np.concatenate([send for _, send in pieces])


def ideal(sound: Note, first: int, frames: int) -> NDArray[np.float64]:
    """Partial by partial in float64, with the phase from exact integers."""
    places = np.arange(frames) + first - sound.onset
    origin = sound.onset if sound.timbre.is_sustained else 0
    wave = np.zeros((2, frames))
    for turns, decay, ears in zip(sound.timbre.turns, sound.timbre.decays, sound.timbre.ears.T, strict=True):
        start = int(turns) * origin % 2**64 / 2.0**64
        phase = 2j * np.pi * (start + places * (int(turns) / 2.0**64))
        wave += (ears[:, None] * np.exp(phase - decay * places)).real
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(places / sound.attack, 0.0, 1.0))
    fall = 0.5 - 0.5 * np.cos(np.pi * np.clip((sound.length - places) / sound.release, 0.0, 1.0))
    pan = np.pi / 4.0 * (1.0 + sound.pan)
    gains = sound.gain * np.sqrt(2.0) * np.array([np.cos(pan), np.sin(pan)])
    wave *= gains[:, None] * (rise * fall)[None, :] * (places >= 0)
    return wave


@pytest.mark.parametrize("struck", [False, True])
@pytest.mark.parametrize("first", [0, FAR])
def test_a_note_is_what_its_formula_says(struck: bool, first: int) -> None:  # noqa: FBT001  a parameter of the table
    sound = note(first + 30_011, struck=struck)
    dry, _ = played(sound, first, 6)
    error = dry - ideal(sound, first, 6 * GRANULE)
    rms_db = 20.0 * np.log10(np.sqrt(np.mean(error**2)))
    assert rms_db < -120.0


def test_the_send_is_the_mono_sum() -> None:
    dry, send = played(note(1_000), 0, 2)
    assert np.allclose(send, 0.25 * dry.mean(axis=0), atol=1e-7)


def test_a_note_outside_the_granule_adds_nothing() -> None:
    dry, send = played(note(9 * RATE_HZ), 0, 8)
    assert not dry.any()
    assert not send.any()


def test_overlapping_notes_of_one_pitch_agree_in_phase() -> None:
    """A pad that is struck again while it fades must not cancel itself: the sum of fades stays level."""
    first, second = note(0), note(4 * RATE_HZ)  # the one's release is the other's attack
    dry = played(first, 0, 6)[0] + played(second, 0, 6)[0]
    steady = ideal(note(-RATE_HZ, length=20 * RATE_HZ), 0, 6 * GRANULE)
    middle = slice(4 * RATE_HZ, 5 * RATE_HZ)
    assert np.max(np.abs(dry[:, middle] - steady[:, middle])) < 1e-5


@pytest.mark.parametrize(("length", "first", "step"), [(48_000, 0, 1), (172_800, 100_003, 1), (700, 700, -1)])
def test_raised_cosine_by_sums_of_angles(length: int, first: int, step: int) -> None:
    frames = min(650, length)
    wanted = 0.5 - 0.5 * np.cos(np.pi * (first + step * np.arange(frames)) / length)
    assert np.max(np.abs(raised_cosine(length, first, frames, step) - wanted)) < 2e-7
