"""The gain that lifts a program to −20 LUFS, in closed form: nothing is rendered to find it."""

import math
from functools import lru_cache
from typing import Final

import numpy as np

from dsp.base.ramps import Doubles, Frames
from dsp.base.units import db_to_gain
from dsp.listen.program import (
    BANDS,
    BellLayer,
    Color,
    IsochronicLayer,
    Layer,
    NoiseLayer,
    Program,
    StationLayer,
    ToneLayer,
    Voice,
)
from dsp.listen.pulse import moments
from dsp.listen.score import KEPT, Score, score_of
from dsp.listen.sources import loudness_lufs
from dsp.listen.sources.noise import band_masks, power_spectrum
from dsp.measure.k_weighting import k_weighted_power

TARGET_LUFS: Final = -20.0
MOST_LIFT_DB: Final = 15.0
"""A program with every slider near 0 is meant to be quiet."""
TONE_GAIN: Final = db_to_gain(-23.0)
"""Amplitude of a voice of gain 1: at 1 kHz as loud as a station."""


@lru_cache(maxsize=KEPT)
def gain_db_of(program: Program) -> float:
    """Gain to −20 LUFS at the loudest keyframe of the program's own course; 0 where nothing sounds."""
    score = score_of(program)
    levels = [score.curves[f"{layer.name}.level"] for layer in program.layers]
    frames = np.unique(np.array([0, *(frame for level in levels for frame in level.frames)], dtype=np.int64))
    power = np.zeros(frames.shape)
    for layer, level in zip(program.layers, levels, strict=True):
        power += level.at(frames) ** 2 * _unit_power(layer, score, frames)
    loudest = float(power.max())
    if loudest <= 0.0:
        return 0.0
    lift_db = TARGET_LUFS - (-0.691 + 10.0 * math.log10(loudest))
    return min(lift_db, MOST_LIFT_DB)


def _unit_power(layer: Layer, score: Score, frames: Frames) -> Doubles:
    """K-weighted power of both ears of a layer at level 100, at each frame (BS.1770-4, equation 2)."""
    match layer:
        case ToneLayer():
            return sum(
                (_voice_power(layer, i, voice, score, frames) for i, voice in enumerate(layer.voices)),
                start=np.zeros(frames.shape),
            )
        case IsochronicLayer():
            carrier = score.curves[f"{layer.name}.carrier.0"].at(frames)
            _, square = moments(layer.pulse, score.curves[f"{layer.name}.rate"].at(frames))
            return TONE_GAIN**2 * square * k_weighted_power(carrier)
        case NoiseLayer():
            share = np.array([_band_share(layer.color, gains) for gains in _band_gains(layer, score, frames)])
            return _station_power(f"noise:{layer.color}") * share
        case BellLayer():
            return np.zeros(frames.shape)  # a mark beside what plays: it must not turn the rest down
        case StationLayer():
            return np.full(frames.shape, _station_power(f"{layer.kind}:{layer.recipe}"))


def _voice_power(layer: ToneLayer, i: int, voice: Voice, score: Score, frames: Frames) -> Doubles:
    carrier = score.curves[f"{layer.name}.carrier.{i}"].at(frames)
    half_beat = score.curves[f"{layer.name}.half_beat.{i}"].at(frames)
    both = k_weighted_power(carrier + half_beat) + k_weighted_power(carrier - half_beat)
    ear = 0.5 * (TONE_GAIN * voice.gain) ** 2 * both
    if layer.kind == "binaural":
        return ear
    # the two sines of a monaural voice are one sine of twice the amplitude where it does not beat
    return np.where(half_beat == 0.0, ear, 0.5 * ear)


def _station_power(recipe: str) -> float:
    return float(10.0 ** ((loudness_lufs(recipe) + 0.691) / 10.0))


def _band_gains(layer: NoiseLayer, score: Score, frames: Frames) -> list[tuple[float, ...]]:
    bands = [score.curves[f"{layer.name}.band_{i}"].at(frames) for i in range(BANDS)]
    return [tuple(float(band[k]) for band in bands) for k in range(frames.size)]


@lru_cache(maxsize=256)
def _band_share(color: Color, gains: tuple[float, ...]) -> float:
    """K-weighted power of a colour with band gains, as a share of the colour's own."""
    if all(gain == 1.0 for gain in gains):
        return 1.0
    freq_hz, power = power_spectrum(color)
    weighted = power * k_weighted_power(freq_hz)
    shaped = (np.array(gains) @ band_masks()) ** 2
    return float((weighted * shaped).sum() / weighted.sum())
