"""What a listener would notice in a bed or a texture, as figures: from its sound and from its score."""

from collections.abc import Iterable, Sequence
from functools import cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import RATE_HZ
from dsp.listen.sources import (
    POOL_SIZE,
    ambient_score,
    granule,
    lofi_score,
    minimal_score,
    piano_score,
    station_gain,
)
from dsp.listen.sources.ambient import AMBIENT
from dsp.listen.sources.bed import Style
from dsp.listen.sources.calibrate import measured_gain
from dsp.listen.sources.drone import DRONE
from dsp.listen.sources.lofi import LOFI
from dsp.listen.sources.minimal import MINIMAL
from dsp.listen.sources.notes import Note
from dsp.listen.sources.piano import PIANO
from dsp.listen.sources.section import Section
from dsp.measure.loudness import integrated_lufs, measure_loudness
from dsp.measure.spectrum import band_shares_db, power_spectrum, tilt_db_per_octave
from dsp.measure.true_peak import true_peak_dbtp

Frames = NDArray[np.float32]
Figures = dict[str, float]

EPOCH_S = 1_790_000_000
"""A second of station time in 2026."""
STYLES: dict[str, Style] = {
    "ambient": AMBIENT,
    "lofi": LOFI,
    "piano": PIANO,
    "drone": DRONE,
    "minimal": MINIMAL,
}
_HARMONIES = {
    "ambient": ambient_score.harmony,
    "lofi": lofi_score.harmony,
    "piano": piano_score.harmony,
    "minimal": minimal_score.harmony,
}


def play(recipe: str, seed: int, seconds: int, first: int = EPOCH_S) -> Frames:
    """A recipe at its station gain, (2, frames)."""
    gain = np.float32(_gain(recipe, seed))
    return np.concatenate([granule(recipe, seed, first + second) * gain for second in range(seconds)], axis=1)


@cache
def _gain(recipe: str, seed: int) -> float:
    """The gain that is kept, or, of a station that no listener hears, one that is measured as those were."""
    return station_gain(recipe, seed) if seed < POOL_SIZE else measured_gain(recipe, seed, excerpts=12)


def sound_figures(frames: Frames) -> Figures:
    """Loudness, spectrum, stereo, peaks and clicks of a recording."""
    return loudness_figures(frames) | spectrum_figures(frames) | stereo_figures(frames)


def loudness_figures(frames: Frames) -> Figures:
    loudness = measure_loudness(frames)
    short_term = loudness.short_term_lufs
    return {
        "integrated_lufs": loudness.integrated_lufs,
        "range_lu": loudness.range_lu,
        "short_term_p5_lufs": float(np.percentile(short_term, 5)),
        "short_term_p95_lufs": float(np.percentile(short_term, 95)),
        "short_term_step_lu": float(np.max(np.abs(short_term[10:] - short_term[:-10]))),
        "true_peak_dbtp": true_peak_dbtp(frames),
    }


def spectrum_figures(frames: Frames) -> Figures:
    frequencies_hz, power = power_spectrum(frames.mean(axis=0, dtype=np.float64))
    slope, centres_hz, residual_db = tilt_db_per_octave(frequencies_hz, power)
    presence = (centres_hz > 1900.0) & (centres_hz < 5100.0)
    edges_hz = (0.0, 120.0, 500.0, 2000.0, 5000.0, 24001.0)
    shares_db = band_shares_db(frequencies_hz, power, edges_hz).tolist()
    names = ("below_120_db", "from_120_to_500_db", "from_500_to_2k_db", "from_2k_to_5k_db", "above_5k_db")
    return {
        "tilt_db_per_octave": slope,
        "presence_residual_db": float(residual_db[presence].mean()),
        **dict(zip(names, shares_db, strict=True)),
    }


def stereo_figures(frames: Frames) -> Figures:
    left, right = frames.astype(np.float64)
    ears = (np.mean(left**2) + np.mean(right**2)) / 2.0
    return {
        "ear_correlation": float(np.corrcoef(left, right)[0, 1]),
        "mono_loss_db": float(10.0 * np.log10(ears / np.mean(((left + right) / 2.0) ** 2))),
        "dc": float(np.max(np.abs(frames.mean(axis=1, dtype=np.float64)))),
        "click_db": click_db(frames),
    }


def click_db(frames: Frames) -> float:
    """Peak over RMS above 3 kHz (sixth-order Butterworth), the worse ear."""
    sections = signal.butter(6, 3000.0, "highpass", fs=RATE_HZ, output="sos")
    high = signal.sosfilt(sections, frames.astype(np.float64), axis=1)[:, RATE_HZ // 10 :]
    return float(np.max(20.0 * np.log10(np.max(np.abs(high), axis=1) / np.sqrt(np.mean(high**2, axis=1)))))


def am_carrier_db(frames: Frames, rate_hz: float = 16.0, depth: float = 0.45) -> float:
    """Level of a sine modulation above what the envelope has of its own from 13 to 19 Hz."""
    time_s = np.arange(frames.shape[1]) / RATE_HZ
    gain = 1.0 - depth * (0.5 + 0.5 * np.cos(2.0 * np.pi * rate_hz * time_s))
    own, modulated = (_envelope_spectrum(frames * factor) for factor in (1.0, gain))
    frequencies_hz = np.arange(len(own)) * 200.0 / (2 * (len(own) - 1))
    near = (frequencies_hz > 13.0) & (frequencies_hz < 19.0)
    line = np.abs(frequencies_hz - rate_hz) < 0.2
    return float(10.0 * np.log10(modulated[line].max() / own[near].mean()))


def _envelope_spectrum(frames: NDArray[np.float64] | Frames) -> NDArray[np.float64]:
    """Power of the relative envelope, ten seconds at a time, at 200 values a second."""
    squares = np.mean(frames.astype(np.float64) ** 2, axis=0).reshape(-1, 240).mean(axis=1)
    windows = np.sqrt(squares[: len(squares) // 2000 * 2000]).reshape(-1, 2000)
    windows = (windows / windows.mean(axis=1, keepdims=True) - 1.0) * np.hanning(2000)
    power: NDArray[np.float64] = np.median(np.abs(np.fft.rfft(windows)) ** 2, axis=0)
    return power


def roughness(frames: Frames) -> NDArray[np.float64]:
    """Dissonance (Sethares 1993, equation 3, by the weaker of two) of the 24 largest peaks of each 341 ms."""
    size = 16_384
    mono = frames.mean(axis=0, dtype=np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(mono, size)[:: size // 2] * np.hanning(size)
    spectra = np.abs(np.fft.rfft(windows))
    return np.array([_dissonance(spectrum, RATE_HZ / size) for spectrum in spectra])


def _dissonance(spectrum: NDArray[np.float64], spacing_hz: float) -> float:
    peaks, _ = signal.find_peaks(spectrum)
    peaks = peaks[np.argsort(spectrum[peaks])[-24:]]
    levels = spectrum[peaks] / np.sqrt(np.sum(spectrum[peaks] ** 2))
    frequencies_hz = peaks * spacing_hz
    low = np.minimum.outer(frequencies_hz, frequencies_hz)
    apart = np.abs(np.subtract.outer(frequencies_hz, frequencies_hz)) * 0.24 / (0.0207 * low + 18.96)
    weaker = np.minimum.outer(levels, levels)
    return float(np.sum(weaker * (np.exp(-3.51 * apart) - np.exp(-5.75 * apart))) / 2.0)


def in_scale_share(
    frames: Frames,
    scale: Iterable[float],
    within: float = 1.0 / 3.0,
    size: int = 1 << 15,
    over_floor_db: float = 0.0,
) -> float:
    """Share of the energy of peaks from 150 to 1500 Hz that lies within so many semitones of a scale.

    Where a floor is asked for, only peaks that stand so far out of the median of 100 Hz around them count.
    """
    frequencies_hz, power = power_spectrum(frames.mean(axis=0, dtype=np.float64), size)
    peaks, _ = signal.find_peaks(power)
    if over_floor_db:
        floor = ndimage.median_filter(power, round(100.0 * size / RATE_HZ))
        peaks = peaks[power[peaks] > floor[peaks] * 10.0 ** (over_floor_db / 10.0)]
    peaks = peaks[(frequencies_hz[peaks] > 150.0) & (frequencies_hz[peaks] < 1500.0)]
    notes = 69.0 + 12.0 * np.log2(frequencies_hz[peaks] / 440.0)
    tones = np.array(sorted(scale))
    distance = np.abs((notes[:, None] - tones[None, :] + 6.0) % 12.0 - 6.0).min(axis=1)
    return float(power[peaks][distance <= within].sum() / power[peaks].sum())


def loop_correlation(frames: Frames, excerpt_s: float = 15.0) -> float:
    """Greatest correlation of an excerpt from the middle with any other place, at a quarter of the rate."""
    rate_hz = RATE_HZ // 4
    mono = frames.reshape(2, -1, 4).mean(axis=(0, 2), dtype=np.float64)
    length = int(excerpt_s * rate_hz)
    start = (len(mono) - length) // 2
    excerpt = mono[start : start + length]
    products = signal.fftconvolve(mono, excerpt[::-1], "valid")
    sums = np.concatenate([[0.0], np.cumsum(mono**2)])
    energy = np.maximum(sums[length:] - sums[:-length], 1e-12)
    similarity = np.abs(products) / np.sqrt(energy * np.sum(excerpt**2))
    similarity[max(0, start - rate_hz) : start + rate_hz] = 0.0
    return float(similarity.max())


def section_s(bed: str) -> float:
    return STYLES[bed].section / RATE_HZ


def score(bed: str, seed: int, sections: int) -> list[Section]:
    """Sections from the one on that sounds at the epoch."""
    style = STYLES[bed]
    first = EPOCH_S * RATE_HZ // style.section
    return [style.compose(seed, first + number) for number in range(sections)]


def struck_per_minute(notes: Sequence[Note], duration_s: float) -> float:
    """Struck notes, those within 60 ms counted as one."""
    onsets = sorted(note.onset for note in notes if note.struck)
    merged = sum(1 for before, after in pairwise([-RATE_HZ, *onsets]) if after - before > 0.06 * RATE_HZ)
    return merged * 60.0 / duration_s


def clash_share(notes: Sequence[Note]) -> float:
    """Share of half-seconds in which two sounding notes lie 1 or 13 semitones apart.

    A note sounds from halfway up its attack to halfway down its release.
    """
    half = RATE_HZ // 2
    sounding = sorted(
        (note.onset + note.attack // 2, note.end - note.release // 2, note.midi) for note in notes
    )
    clashing: set[int] = set()
    for number, (_, end, midi) in enumerate(sounding):
        for start, other_end, other_midi in sounding[number + 1 :]:
            if start >= end:
                break
            if abs(midi - other_midi) in {1, 13}:
                clashing.update(range(-(-start // half), -(-min(end, other_end) // half)))
    return len(clashing) * half / (sounding[-1][0] - sounding[0][0])


def voice_movement(sections: Sequence[Section]) -> float:
    """Mean movement in semitones per voice and chord change."""
    voicings = [voicing for section in sections for voicing in section.voicings]
    moves = [abs(new - old) for pair in pairwise(voicings) for old, new in zip(*pair, strict=True)]
    return float(np.mean(moves))


def cadence_share(bed: str, seed: int, sections: int, first: int = 7_000_000) -> float:
    """Share of chord changes whose root falls a fifth onto the tonic."""
    station = _HARMONIES[bed](seed)
    chords = partial(lofi_score.progression, seed) if bed == "lofi" else station.progression
    falls = changes = 0
    for section in range(first, first + sections):
        tonic = station.place(section).tonic
        for before, after in pairwise((*chords(section), chords(section + 1)[0])):
            changes += 1
            falls += after[0] == tonic and (after[0] - before[0]) % 12 == 5
    return falls / changes


def loudness_spread_lu(recipe: str, seed: int, excerpts: int) -> float:
    """From p5 to p95 of the loudness of 8 s excerpts spread over three hours."""
    firsts = EPOCH_S + np.linspace(0, 3 * 3600 - 8, excerpts).astype(int)
    levels = [integrated_lufs(play(recipe, seed, 8, int(first))) for first in firsts]
    low, high = np.percentile(levels, (5, 95))
    return float(high - low)
