"""What is drawn frame by frame, a run of one session at a time: motion, pulses and bells.

Element by element, or by products of fixed shape for each quantum, so that a run comes out the same
however long it is.
"""

import numpy as np

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles, Frames
from dsp.listen.addresses import AM_DEPTH
from dsp.listen.banks import cos_sin, turned, woven
from dsp.listen.bell import bell_samples
from dsp.listen.modulation import modulation_gains
from dsp.listen.pulse import window
from dsp.listen.spatial import HOP, points, spun
from dsp.listen.stations import QUANTA_PER_GRANULE, Floats, GranuleCache, GranuleKey
from dsp.listen.stretches import Beeps, Drawn, Spin, Stretch, Term, Toll
from dsp.listen.survey import Bent, Straight


def add_spins(stretch: Stretch, first: int, block: Floats, cache: GranuleCache) -> None:
    """Add stations that move around the head to the run's block (2, quanta, 960) from quantum `first` on."""
    for spin in stretch.spins:
        block += _spun(stretch, spin, first, block.shape[1], cache)


def modulate(stretch: Stretch, first: int, block: Floats) -> None:
    """Multiply the modulation into a run's stations (2, quanta, 960)."""
    if stretch.pulsed is None:
        return
    pos = _positions(first, block.shape[1])
    cycles, rate_hz = _drawn(stretch, stretch.pulsed.rate, pos)
    depth = _value(stretch, AM_DEPTH, stretch.pulsed.depth, first, block.shape[1])
    modulation = stretch.pulsed.modulation
    gains = modulation_gains(modulation.pulse, modulation.stereo, cycles, rate_hz, depth, np.float32)
    for ear, gain in enumerate(gains):
        block[ear] *= gain.astype(np.float32).reshape(block.shape[1:])


def add_tones(stretch: Stretch, first: int, block: Floats) -> None:
    """Add isochronic tones and bells to a run's block (2, quanta, 960)."""
    for beeps in stretch.isochronic:
        block += _isochronic(stretch, beeps, first, block.shape[1])
    for toll in stretch.bells:
        block += _rung(stretch, toll, first, block.shape[1])


def _spun(stretch: Stretch, spin: Spin, first: int, quanta: int, cache: GranuleCache) -> Floats:
    """A station that moves around the head, (2, quanta, 960)."""
    samples = np.empty((2, 2, HOP + quanta * QUANTUM), dtype=np.float32)
    for ears, term in zip(samples, spin.terms, strict=True):
        place = first + term.quanta_ahead
        ears[:, :HOP] = _granule(term, place - 1, cache)[:, QUANTUM - HOP : QUANTUM]
        done = 0
        while done < quanta:
            row = (place + done) % QUANTA_PER_GRANULE
            count = min(quanta - done, QUANTA_PER_GRANULE - row)
            start = HOP + done * QUANTUM
            heard = _granule(term, place + done, cache)
            ears[:, start : start + count * QUANTUM] = heard[:, : count * QUANTUM]
            done += count
    cycles, _ = _drawn(stretch, spin.rate, points(first * QUANTUM, quanta * QUANTUM))
    out = spun(samples.reshape(4, -1), cycles, spin.spatial)
    level = _value(stretch, spin.level_track, spin.level, first, quanta)
    out *= (spin.terms[0].gain * level).astype(np.float32)
    return out.reshape(2, quanta, QUANTUM)


def _granule(term: Term, quantum: int, cache: GranuleCache) -> Floats:
    """Both ears of a station (2, frames) from a station quantum to the end of its granule."""
    second, row = divmod(quantum, QUANTA_PER_GRANULE)
    samples = cache.get(GranuleKey(term.recipe, term.seed, second)).samples
    return samples[:, row * QUANTUM :]


def _isochronic(stretch: Stretch, beeps: Beeps, first: int, quanta: int) -> Floats:
    """An isochronic layer, (quanta, 960)."""
    pos = _positions(first, quanta)
    cycles, rate_hz = _drawn(stretch, beeps.rate, pos)
    tone = np.empty((quanta, QUANTUM), dtype=np.float32)
    if beeps.tables is None:
        carrier, _ = _drawn(stretch, beeps.carrier, pos)
        np.multiply(np.float32(beeps.amplitude), cos_sin(carrier)[1].reshape(tone.shape), out=tone)
    else:
        carrier, _ = _drawn(stretch, beeps.carrier, pos[::QUANTUM])
        tables = beeps.tables
        woven(turned(carrier[:, None], tables.rotations, tables.waves.shape[-2]), tables.waves, tone)
    tone *= window(beeps.pulse, cycles, rate_hz, np.float32).reshape(tone.shape)
    return tone


def _rung(stretch: Stretch, toll: Toll, first: int, quanta: int) -> Floats:
    """A bell, (quanta, 960)."""
    sound = bell_samples(toll.layer, _positions(first, quanta) + stretch.shift)
    sound *= toll.gain * _value(stretch, f"{toll.layer.name}.level", toll.level, first, quanta)
    return sound.astype(np.float32).reshape(quanta, QUANTUM)


def _positions(first: int, quanta: int) -> Frames:
    return np.arange(first * QUANTUM, (first + quanta) * QUANTUM, dtype=np.int64)


def _drawn(stretch: Stretch, drawn: Drawn, pos: Frames) -> tuple[Doubles, Doubles]:
    """Cycles (frames,) of a track and its value in Hz, (frames,) or, where it stands still, (1,)."""
    course = drawn.course
    if isinstance(course, Straight) and course.is_still:
        cycles = (pos - course.origin).astype(np.float64)
        cycles *= course.value / RATE_HZ
        cycles += course.cycles
        return cycles, np.array([course.value])
    moment = stretch.moment_at(pos)
    return moment.cycles(drawn.track), moment.value(drawn.track)


def _value(stretch: Stretch, track: str, course: Straight | Bent, first: int, quanta: int) -> Doubles:
    """Value of a gain track, (frames,) or, where it stands still, (1,)."""
    if isinstance(course, Straight) and course.is_still:
        return np.array([course.value])
    return stretch.moment_at(_positions(first, quanta)).value(track)
