"""Notes and how they sound: each is a pure function of the frame, as one matrix product of its partials.

An exponential separates over frames 256·k + m: exp(s·(256k + m)) = exp(s·256k)·exp(s·m), so the wave of a
note is [Re Z, −Im Z]·[Re F; Im F] with Z = amplitude·exp(s·start)·exp(s·256k) and F = exp(s·m).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE
from dsp.listen.sources.timbres import Timbre, pan_gains

_FINE: Final = 256
_COARSE: Final = -(-GRANULE // _FINE)


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a score; times in frames of the station's clock."""

    onset: int
    length: int
    """To the end of the release."""
    timbre: Timbre
    midi: int
    gain: float
    pan: float
    attack: int
    release: int
    send: float
    """Gain into the reverb."""
    struck: bool
    """Heard as an event of its own, not as part of a swelling chord."""

    @property
    def end(self) -> int:
        """First frame after the note."""
        return self.onset + self.length


def add_note(note: Note, start: int, dry: NDArray[np.float32], send: NDArray[np.float32]) -> None:
    """Add what sounds of a note in the granule from frame `start` to `dry` (2, 48000) and `send` (48000,)."""
    first, last = max(note.onset, start), min(note.end, start + GRANULE)
    if first >= last:
        return
    wave = _wave(note, first, last - first)
    _shape(wave, note, first)
    here = slice(first - start, last - start)
    dry[:, here] += wave
    send[here] += np.float32(0.5 * note.send) * (wave[0] + wave[1])


def _wave(note: Note, first: int, frames: int) -> NDArray[np.float32]:
    """The note without its envelope, (2, frames) from frame `first`."""
    timbre = note.timbre
    clock = first if timbre.is_sustained else first - note.onset
    cycles = (np.uint64(clock % 2**64) * timbre.turns).astype(np.float64) * 2.0**-64
    rotation = np.exp(2j * np.pi * cycles - timbre.decays * clock)
    panned = note.gain * np.array(pan_gains(note.pan))[:, None] * timbre.ears * rotation
    fine, coarse = _tables(timbre)
    rows = -(-frames // _FINE)
    partials = panned.astype(np.complex64)[:, None, :] * coarse[:rows]
    count = partials.shape[2]
    weights = np.empty((2, rows, 2 * count), np.float32)
    weights[:, :, :count] = partials.real
    np.negative(partials.imag, out=weights[:, :, count:])
    wave = weights.reshape(2 * rows, 2 * count) @ fine
    return wave.reshape(2, rows * _FINE)[:, :frames]


@lru_cache(maxsize=256)
def _tables(timbre: Timbre) -> tuple[NDArray[np.float32], NDArray[np.complex64]]:
    """[Re F; Im F] (2·partials, 256) and exp(s·256k) (rows, partials)."""
    speed = 2j * np.pi * (timbre.turns.astype(np.float64) * 2.0**-64) - timbre.decays
    fine = np.exp(speed[:, None] * np.arange(_FINE))
    coarse = np.exp(speed[None, :] * (_FINE * np.arange(_COARSE))[:, None])
    return np.concatenate([fine.real, fine.imag]).astype(np.float32), coarse.astype(np.complex64)


def _shape(wave: NDArray[np.float32], note: Note, first: int) -> None:
    """Multiply raised-cosine attack and release into a wave that starts at frame `first`."""
    frames = wave.shape[1]
    rising = min(note.onset + note.attack - first, frames)
    if rising > 0:
        wave[:, :rising] *= raised_cosine(note.attack, first - note.onset, rising)
    falling = max(note.end - note.release - first, 0)
    if falling < frames:
        wave[:, falling:] *= raised_cosine(
            note.release, note.end - first - falling, frames - falling, step=-1
        )


def raised_cosine(length: int, first: int, frames: int, step: int = 1) -> NDArray[np.float32]:
    """½ − ½cos(π·n/length) at the frames n = first, first + step, …; by the rank-2 sum of cos(a + b)."""
    speed = np.pi * step / length
    fine = speed * np.arange(_FINE)
    coarse = np.pi * first / length + speed * (_FINE * np.arange(-(-frames // _FINE)))
    rotation = np.stack([np.cos(coarse), -np.sin(coarse)], axis=1).astype(np.float32)
    cosine = rotation @ np.stack([np.cos(fine), np.sin(fine)]).astype(np.float32)
    cosine *= np.float32(-0.5)
    cosine += np.float32(0.5)
    return cosine.reshape(-1)[:frames]
