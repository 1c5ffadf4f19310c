"""The acceptance table of beds and textures: figures of one station against the ranges they must lie in.

`tests/dsp/music` checks a short form; `bed_checks` and `texture_checks` with 240 s and 120 s give the whole.
"""

import math
from dataclasses import dataclass

import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.ambient_score import SECTION
from tests.dsp.music.listening import (
    EPOCH_S,
    Figures,
    cadence_share,
    clash_share,
    click_db,
    in_scale_share,
    loop_correlation,
    loudness_spread_lu,
    play,
    roughness,
    score,
    sound_figures,
    struck_per_minute,
    voice_movement,
)

Range = tuple[float, float]
ANY = math.inf

AMBIENT_SOUND: dict[str, Range] = {
    "range_lu": (1.5, 6.0),
    "short_term_step_lu": (0.0, 5.0),
    "true_peak_dbtp": (-ANY, -6.0),
    "tilt_db_per_octave": (-9.0, -4.5),
    "presence_residual_db": (-ANY, 4.0),
    "from_2k_to_5k_db": (-ANY, -18.0),
    "below_120_db": (-ANY, -3.0),
    "click_db": (0.0, 17.0),
    "dc": (0.0, 1e-4),
    "mono_loss_db": (-ANY, 1.7),
    "roughness_p95": (0.0, 0.65),
    "loop_correlation": (0.0, 0.85),
    "in_scale_share": (0.95, 1.0),
    "seconds_within_9_db": (0.99, 1.0),
    "click_at_section_border_db": (0.0, 17.0),
}
AMBIENT_SCORE: dict[str, Range] = {
    "struck_per_minute": (1.0, 8.0),
    "notes_outside_the_scale": (0.0, 0.0),
    "clash_share": (0.0, 0.06),
    "voice_movement_semitones": (0.0, 1.3),
    "cadence_share": (0.0, 0.06),
    "sections_alike": (0.0, 0.0),
}
RAIN_SOUND: dict[str, Range] = {
    "range_lu": (0.0, 5.0),
    "short_term_step_lu": (0.0, 5.0),
    "true_peak_dbtp": (-ANY, -6.0),
    "tilt_db_per_octave": (-3.5, -0.8),
    "presence_residual_db": (-ANY, 4.0),
    "from_2k_to_5k_db": (-ANY, -7.0),
    "below_120_db": (-ANY, -3.0),
    "click_db": (0.0, 18.0),
    "dc": (0.0, 1e-4),
    "mono_loss_db": (-ANY, 2.5),
    "loop_correlation": (0.0, 0.1),
}
SPREAD_LU: Range = (0.0, 5.5)


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


def bed_checks(seed: int, seconds: int = 240) -> list[Check]:
    """The sound of the ambient bed over `seconds`, and the score of the hours around."""
    return _checks(_ambient_figures(seed, seconds), AMBIENT_SOUND) + score_checks(seed)


def texture_checks(seed: int, seconds: int = 120) -> list[Check]:
    """The sound of rain over `seconds`."""
    frames = play("texture:rain", seed, seconds)
    return _checks(sound_figures(frames) | {"loop_correlation": loop_correlation(frames)}, RAIN_SOUND)


def score_checks(seed: int, sections: int = 45) -> list[Check]:
    """The notes of the ambient bed, three hours by default."""
    played = score(seed, sections)
    notes = sorted((note for section in played for note in section.notes), key=lambda note: note.onset)
    lists = {
        tuple((note.onset - section.starts[0], note.midi) for note in section.notes) for section in played
    }
    figures = {
        "struck_per_minute": struck_per_minute(notes, sections * SECTION / RATE_HZ),
        "notes_outside_the_scale": float(
            sum(note.midi % 12 not in section.scale for section in played for note in section.notes)
        ),
        "clash_share": clash_share(notes),
        "voice_movement_semitones": voice_movement(played),
        "cadence_share": cadence_share(seed, sections),
        "sections_alike": float(sections - len(lists)),
    }
    return _checks(figures, AMBIENT_SCORE)


def spread_check(recipe: str, seed: int, excerpts: int = 200) -> Check:
    """How far the loudness wanders over three hours."""
    return Check("spread_over_3_h_lu", loudness_spread_lu(recipe, seed, excerpts), *SPREAD_LU)


def _ambient_figures(seed: int, seconds: int) -> Figures:
    frames = play("bed:ambient", seed, seconds)
    section = EPOCH_S * RATE_HZ // SECTION
    border_s = (section + 1) * (SECTION // RATE_HZ)
    # one section has one scale: the part of the recording before the border
    in_section = frames[:, : min(seconds, border_s - EPOCH_S - 4) * RATE_HZ]
    levels_db = 10.0 * np.log10(np.mean(frames.reshape(2, seconds, RATE_HZ) ** 2, axis=(0, 2)))
    return sound_figures(frames) | {
        "roughness_p95": float(np.percentile(roughness(frames), 95)),
        "loop_correlation": loop_correlation(frames),
        "in_scale_share": in_scale_share(in_section, score(seed, 1)[0].scale),
        "seconds_within_9_db": float(np.mean(np.abs(levels_db - np.median(levels_db)) <= 9.0)),
        "click_at_section_border_db": click_db(play("bed:ambient", seed, 12, border_s - 6)),
    }


def _checks(figures: Figures, ranges: dict[str, Range]) -> list[Check]:
    return [Check(what, figures[what], *limits) for what, limits in ranges.items()]
