"""The acceptance table of beds and textures: figures of one station against the ranges they must lie in.

`tests/dsp/music` checks a short form; `scripts/bench accuracy` takes 240 s of beds and 120 s of textures.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64
from dsp.listen.sources import POOL_SIZE
from dsp.listen.sources.drone_score import RECIPE, ROOT_HZ, ROOT_SPAN, SLOTS, root
from tests.dsp.music.listening import (
    EPOCH_S,
    Figures,
    Frames,
    am_carrier_db,
    cadence_share,
    clash_share,
    click_db,
    in_scale_share,
    loop_correlation,
    loudness_spread_lu,
    play,
    roughness,
    score,
    section_s,
    sound_figures,
    struck_per_minute,
    voice_movement,
)

Range = tuple[float, float]
ANY = math.inf

_ANY_BED: dict[str, Range] = {
    "range_lu": (1.5, 6.0),
    "short_term_step_lu": (0.0, 5.0),
    "true_peak_dbtp": (-ANY, -6.0),
    "tilt_db_per_octave": (-9.0, -4.5),
    "presence_residual_db": (-ANY, 4.0),
    "from_2k_to_5k_db": (-ANY, -18.0),
    "below_120_db": (-ANY, -3.0),
    "dc": (0.0, 1e-4),
    "mono_loss_db": (-ANY, 1.7),
    "roughness_p95": (0.0, 0.65),
    "loop_correlation": (0.0, 0.85),
    "in_scale_share": (0.95, 1.0),
    "seconds_within_9_db": (0.99, 1.0),
}


def _bed(click_db: float, **others: Range) -> dict[str, Range]:
    clicks: dict[str, Range] = {"click_db": (0.0, click_db), "click_at_section_border_db": (0.0, click_db)}
    return _ANY_BED | clicks | others


BED_SOUND: dict[str, dict[str, Range]] = {
    "ambient": _bed(17.0),
    "lofi": _bed(29.0),
    "piano": _bed(27.0, in_scale_share=(0.85, 1.0)),
    "drone": _bed(17.0, roughness_p95=(0.0, 1.25)),
    "minimal": _bed(22.0),
}
STRUCK: dict[str, Range] = {
    "ambient": (1.0, 8.0),
    "lofi": (35.0, 60.0),
    "piano": (30.0, 60.0),
    "drone": (0.0, 0.0),
    "minimal": (150.0, 230.0),
}
_ANY_SCORE: dict[str, Range] = {
    "notes_outside_the_scale": (0.0, 0.0),
    "clash_share": (0.0, 0.06),
    "sections_alike": (0.0, 0.0),
}
_VOICES: dict[str, Range] = {"voice_movement_semitones": (0.0, 1.3)}
_WALK: dict[str, Range] = {"cadence_share": (0.0, 0.06)}
BED_SCORE: dict[str, dict[str, Range]] = {
    "ambient": _ANY_SCORE | _VOICES | _WALK,
    "lofi": _ANY_SCORE | _VOICES | _WALK,
    "piano": _ANY_SCORE | _VOICES | _WALK,
    "drone": _ANY_SCORE,
    "minimal": _ANY_SCORE | _VOICES | _WALK,
}
_ANY_TEXTURE: dict[str, Range] = {
    "range_lu": (0.0, 5.0),
    "short_term_step_lu": (0.0, 5.0),
    "true_peak_dbtp": (-ANY, -6.0),
    "tilt_db_per_octave": (-3.5, -0.8),
    "presence_residual_db": (-ANY, 4.0),
    "from_2k_to_5k_db": (-ANY, -12.0),
    "below_120_db": (-ANY, -3.0),
    "click_db": (0.0, 18.0),
    "dc": (0.0, 1e-4),
    "mono_loss_db": (-ANY, 2.5),
    "loop_correlation": (0.0, 0.1),
}
TEXTURE_SOUND: dict[str, dict[str, Range]] = {
    "rain": _ANY_TEXTURE | {"from_2k_to_5k_db": (-ANY, -7.0)},
    "ocean": _ANY_TEXTURE | {"range_lu": (4.0, 7.0), "click_db": (0.0, 23.0)},
    "wind": _ANY_TEXTURE | {"tilt_db_per_octave": (-5.5, -3.5)},
    "stream": _ANY_TEXTURE | {"from_2k_to_5k_db": (-ANY, -7.0)},
    "fire": _ANY_TEXTURE | {"click_db": (0.0, 33.0)},
    "night": _ANY_TEXTURE | {"click_db": (0.0, 20.0)},
}
WALKED = {"lofi": 2_000}
"""Sections in which cadences are counted: lo-fi draws whole phrases, and only every second section."""
SPREAD_LU: Range = (0.0, 5.5)
AM_OVER_OWN_DB: Range = (20.0, ANY)
SEAM: Range = (0.0, 0.7)
SEAM_MINUTES = 5
JUST_S = 60
LIKENESS: Range = (0.0, 0.3)
HELD_OUT = (12, 13)
"""Seeds of stations that nobody hears and no recipe was tuned on."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure and the range it must lie in."""

    what: str
    figure: float
    low: float
    high: float

    @property
    def is_met(self) -> bool:
        return self.low <= self.figure <= self.high

    @property
    def margin(self) -> float:
        """How far inside its range the figure lies; below 0 it is outside."""
        return min(self.figure - self.low, self.high - self.figure)


def bed_checks(bed: str, seed: int, seconds: int = 240, hours: float = 3.0) -> list[Check]:
    """The sound of a bed over `seconds`, and the score of the hours around."""
    return _checks(_bed_figures(bed, seed, seconds), BED_SOUND[bed]) + score_checks(bed, seed, hours)


def texture_checks(texture: str, seed: int, seconds: int = 120) -> list[Check]:
    """The sound of a texture over `seconds`."""
    frames = play(f"texture:{texture}", seed, seconds)
    figures = sound_figures(frames) | {"loop_correlation": loop_correlation(frames)}
    return _checks(figures, TEXTURE_SOUND[texture])


def score_checks(bed: str, seed: int, hours: float = 3.0) -> list[Check]:
    """The notes of a bed."""
    sections = math.ceil(hours * 3600.0 / section_s(bed))
    played = score(bed, seed, sections)
    notes = sorted((note for section in played for note in section.notes), key=lambda note: note.onset)
    lists = {
        tuple((note.onset - section.starts[0], note.midi) for note in section.notes) for section in played
    }
    figures = {
        "struck_per_minute": struck_per_minute(notes, sections * section_s(bed)),
        "notes_outside_the_scale": float(
            sum(note.midi % 12 not in section.scale for section in played for note in section.notes)
        ),
        "clash_share": clash_share(notes),
        "sections_alike": float(sections - len(lists)),
    }
    if "voice_movement_semitones" in BED_SCORE[bed]:
        figures["voice_movement_semitones"] = voice_movement(played)
    if "cadence_share" in BED_SCORE[bed]:
        figures["cadence_share"] = cadence_share(bed, seed, max(sections, WALKED.get(bed, 180)))
    return _checks(figures, BED_SCORE[bed] | {"struck_per_minute": STRUCK[bed]})


def worst_checks(recipe: str, *, seeds: Iterable[int], excerpts: int) -> list[Check]:
    """Every figure of a recipe, each of the station that comes closest to missing it."""
    kind, name = recipe.split(":")
    worst: dict[str, Check] = {}
    for seed in seeds:
        found = bed_checks(name, seed) if kind == "bed" else texture_checks(name, seed)
        found += [am_check(recipe, seed), *seam_checks(recipe, seed), likeness_check(recipe, seed)]
        for check in [*found, spread_check(recipe, seed, excerpts)]:
            known = worst.setdefault(check.what, check)
            worst[check.what] = min(known, check, key=lambda one: one.margin)
    return list(worst.values())


def spread_check(recipe: str, seed: int, excerpts: int = 200) -> Check:
    """How far the loudness wanders over three hours."""
    return Check("spread_over_3_h_lu", loudness_spread_lu(recipe, seed, excerpts), *SPREAD_LU)


def seam_checks(recipe: str, seed: int, minutes: int = SEAM_MINUTES) -> list[Check]:
    """The greatest step and the greatest bend between granules against the greatest inside.

    The median of several minutes, because a steady sound is as steep at a seam as anywhere, now and then,
    by chance; what is wrong with a seam is wrong in every minute. A bend is the second difference.
    """
    shares = [_seam_shares(play(recipe, seed, 60, EPOCH_S + 600 * minute)) for minute in range(minutes)]
    step, bend = np.median(shares, axis=0)
    return [Check("seam_step_share", float(step), *SEAM), Check("seam_bend_share", float(bend), *SEAM)]


def _seam_shares(frames: Frames) -> tuple[float, float]:
    steps, bends = (np.abs(np.diff(frames, n=order, axis=1)) for order in (1, 2))
    at_seams = np.maximum(bends[:, RATE_HZ - 2 :: RATE_HZ], bends[:, RATE_HZ - 1 :: RATE_HZ])
    return float(steps[:, RATE_HZ - 1 :: RATE_HZ].max() / steps.max()), float(at_seams.max() / bends.max())


def likeness_check(recipe: str, seed: int, seconds: int = 8) -> Check:
    """How alike the same seconds of this station and of the next are."""
    left, right = (play(recipe, one, seconds).mean(axis=0) for one in (seed, (seed + 1) % POOL_SIZE))
    return Check("likeness_of_two_stations", float(abs(np.corrcoef(left, right)[0, 1])), *LIKENESS)


def am_check(recipe: str, seed: int, seconds: int = 60) -> Check:
    """How far modulation at 16 Hz stands out of the recipe's own envelope."""
    return Check("am_over_own_envelope_db", am_carrier_db(play(recipe, seed, seconds)), *AM_OVER_OWN_DB)


def _bed_figures(bed: str, seed: int, seconds: int) -> Figures:
    frames = play(f"bed:{bed}", seed, seconds)
    # one section has one scale: from its second chord on, so that nothing of the one before still rings
    start = score(bed, seed, 1)[0].starts[0] / RATE_HZ + section_s(bed)
    border_s = math.floor(start)
    length_s = min(60, math.floor(section_s(bed)) - 16)
    in_section = play(f"bed:{bed}", seed, length_s, border_s + 12)
    levels_db = 10.0 * np.log10(np.mean(frames.reshape(2, seconds, RATE_HZ) ** 2, axis=(0, 2)))
    return sound_figures(frames) | {
        "roughness_p95": float(np.percentile(roughness(frames), 95)),
        "loop_correlation": loop_correlation(frames),
        "in_scale_share": _in_scale_share(bed, seed, in_section),
        "seconds_within_9_db": float(np.mean(np.abs(levels_db - np.median(levels_db)) <= 9.0)),
        "click_at_section_border_db": click_db(play(f"bed:{bed}", seed, 12, border_s - 6)),
    }


def _in_scale_share(bed: str, seed: int, frames: Frames) -> float:
    """Against the section's scale; the drone in the middle of a span at home and of the one after it."""
    if bed != "drone":
        return in_scale_share(frames, score(bed, seed, 2)[1].scale)
    at_home = 2 * (EPOCH_S * RATE_HZ // (2 * ROOT_SPAN))
    return min(_just_share(seed, span) for span in (at_home, at_home + 1))


def _just_share(seed: int, span: int) -> float:
    """Share of the tones within 15 cents of the first six harmonics of the just intervals over one root.

    They cover a sixth of the octave, so what is out of tune finds little of it by chance. Tones stand out of
    the breath, whose own peaks are no notes.
    """
    middle = (2 * span + 1) * ROOT_SPAN // 2
    ground = 12.0 * math.log2(ROOT_HZ * root(hash64(RECIPE, seed), middle) / 440.0) + 69.0
    just = {ground + 12.0 * math.log2(ratio * k) for ratio, *_ in SLOTS for k in range(1, 7)}
    frames = play("bed:drone", seed, JUST_S, (middle // RATE_HZ) - JUST_S // 2)
    return in_scale_share(frames, just, within=0.15, size=1 << 17, over_floor_db=6.0)


def _checks(figures: Figures, ranges: dict[str, Range]) -> list[Check]:
    return [Check(what, figures[what], *limits) for what, limits in ranges.items()]
