"""Every knob of every kind of layer, turned: what is heard against the ideal raised-cosine change.

A gain moves the sound on a straight line between what it was and what it becomes; where a knob bends a
phase, or a modulation's depth, the ideal is the layer's formula on a frequency that is summed frame by frame
in float64. Tones are judged by what a high-pass of 3 kHz leaves of them, at -20 dBFS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.units import db_to_gain, level_to_gain
from dsp.listen import GranuleCache, GranuleKey, Instance, open_instance, param_change, parse_program, render
from dsp.listen.direct import station_loudness_gain
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.modulation import modulation_gains
from dsp.listen.program import IsochronicLayer, StationLayer
from dsp.listen.pulse import window
from dsp.listen.sources import HIGH
from dsp.listen.spatial import points, spun
from tests.bench.tools import signals

Doubles = NDArray[np.float64]

AT: Final = 20_003
RAMP: Final = 1440
FRAMES: Final = 30_720
CACHE: Final = GranuleCache()
LIVE_FRAME: Final = 960 * 10_000_000
HIGHEST_TONE_HZ: Final = 440.0
"""The accuracy table's: above it a tone's own change of pitch reaches the high-pass."""
HEADROOM_DB: Final = 15.0
"""So that no slider at its end wakes the guard, whose gain is no part of the change."""

_SINE: Final = {"rate_hz": 10, "depth": 45}
_PULSED: Final = {"rate_hz": 10, "depth": 45, "law": "smoothstep", "stereo": "alternating"}
_PANNED: Final = {"rate_hz": 10, "depth": 45, "law": "gaussian", "stereo": "equal_power"}
_VOICES: Final = [{"carrier_hz": 380, "beat_hz": 10}, {"carrier_hz": 200, "beat_hz": -6, "gain": 0.5}]
_NOISE: Final = {"kind": "noise", "color": "pink", "level": 60}


@dataclass(frozen=True, slots=True)
class Turn:
    """One address moved from where it stands to `target`."""

    what: str
    instance: Instance
    address: str
    target: float | str


def sounds() -> Iterator[tuple[str, Instance]]:
    """A program of each kind of layer."""
    yield "binaural", _at_minus_20_dbfs({"kind": "binaural", "level": 60, "voices": _VOICES})
    yield "monaural", _at_minus_20_dbfs({"kind": "monaural", "level": 60, "voices": _VOICES})
    yield "isochronic", _opened({"kind": "isochronic", "carrier_hz": 220, "rate_hz": 5, "level": 60})
    yield "bell", _opened({"kind": "bell", "level": 60, "at_s": [0.1]})
    yield "noise", _opened(_NOISE, _SINE)
    yield "noise, pulsed", _opened(_NOISE, _PULSED)
    yield "noise, panned", _opened(_NOISE, _PANNED)
    yield "texture", _opened({"kind": "texture", "recipe": "rain", "level": 60})
    yield "bed", _opened({"kind": "bed", "recipe": "drone", "level": 60})
    moving = {"kind": "texture", "recipe": "rain", "level": 60, "spatial": {"rate_hz": 0.1, "width_us": 600}}
    yield "motion", _opened(moving)


def turns() -> Iterator[Turn]:
    """Each address of each program, to both ends of its range or to each of its choices."""
    for kind, instance in sounds():
        for name, address in instance.score.addresses.items():
            spec = address.spec
            ends: tuple[float | str, ...] = spec.choices or (spec.lo, spec.hi)
            for target in ends:
                is_high = kind in {"binaural", "monaural"} and name == "x.carrier_hz"
                aim = min(float(target), HIGHEST_TONE_HZ) if is_high else target
                yield Turn(f"{kind}, {name.removeprefix('x.')}", instance, name, aim)


def worst_errors() -> Iterator[tuple[str, float]]:
    """(what is turned, the greater error in dBFS of its ways)."""
    worst: dict[str, float] = {}
    for turn in turns():
        worst[turn.what] = max(error_dbfs(turn), worst.get(turn.what, -240.0))
    yield from worst.items()


def error_dbfs(turn: Turn) -> float:
    """Peak behind the high-pass of tones; else of the difference to the ideal."""
    change = param_change(turn.instance, AT, {turn.address: turn.target}, RAMP)
    heard = render(change.instance, 0, FRAMES, CACHE)
    if turn.what.startswith(("binaural", "monaural")):
        return signals.click_dbfs(heard)
    return signals.peak_dbfs(heard.T - _ideal(turn))


def _ideal(turn: Turn) -> Doubles:
    """The change without error, (2, frames)."""
    instance, name, target = turn.instance, turn.address, turn.target
    layer = instance.program.layers[0]
    if name in {"am.depth", "am.rate_hz"}:
        return _modulated(instance, {name: float(target)})
    if isinstance(layer, IsochronicLayer) and name in {"x.carrier_hz", "x.rate_hz"}:
        return _beeps(instance, layer, {name: float(target)})
    if isinstance(layer, StationLayer) and name == "x.spin_hz":
        return _turning(instance, layer, float(target))
    settled = param_change(instance, 0, {name: target}, 480).instance
    before, after = (_played(one) for one in (instance, settled))
    return before + (after - before) * _share()


def _modulated(instance: Instance, aims: Mapping[str, float]) -> Doubles:
    modulation = instance.program.modulation
    assert modulation is not None
    plain = _played(param_change(instance, 0, {"am.depth": 0.0}, 480).instance)
    rate_hz = _moved(modulation.rate_hz.start, aims.get("am.rate_hz"))
    depth = _moved(modulation.depth.start / 100.0, aims["am.depth"] / 100.0 if "am.depth" in aims else None)
    ears = modulation_gains(modulation.pulse, modulation.stereo, _cycles(rate_hz), rate_hz, depth)
    ideal: Doubles = plain * np.stack(ears)
    # the plain sound is one that was turned down in the first 10 ms
    ideal[:, :960] = _played(instance)[:, :960]
    return ideal


def _beeps(instance: Instance, layer: IsochronicLayer, aims: Mapping[str, float]) -> Doubles:
    rate_hz = _moved(layer.rate_hz.start, aims.get("x.rate_hz"))
    carrier_hz = _moved(layer.carrier_hz.start, aims.get("x.carrier_hz"))
    gain = TONE_GAIN * level_to_gain(layer.level.start) * db_to_gain(instance.gain_db)
    tone = gain * window(layer.pulse, _cycles(rate_hz), rate_hz) * np.sin(2.0 * np.pi * _cycles(carrier_hz))
    return np.stack([tone, tone])


def _turning(instance: Instance, layer: StationLayer, spin_hz: float) -> Doubles:
    assert layer.spatial is not None
    station = instance.stations["x"]
    first = station.offset // 48_000
    recipe = f"{layer.kind}:{layer.recipe}"
    samples = np.concatenate(
        [
            np.concatenate(
                [CACHE.get(GranuleKey(name, station.seed, first + i)).samples for i in (-1, 0)], axis=1
            )
            for name in (recipe, recipe + HIGH)
        ]
    )
    rate_hz = _moved(layer.spatial.rate_hz.start, spin_hz)
    where = points(0, FRAMES)
    cycles = np.interp(where, np.arange(FRAMES), _cycles(rate_hz))
    cycles[0] = where[0] * rate_hz[0] / signals.RATE_HZ
    cycles[-1] = cycles[-2] + (where[-1] - where[-2]) * rate_hz[-1] / signals.RATE_HZ
    gain = level_to_gain(layer.level.start) * db_to_gain(instance.gain_db)
    gain *= station_loudness_gain(recipe, station.seed)
    heard = spun(samples[:, 48_000 - 60 : 48_000 + FRAMES], cycles, layer.spatial)
    return gain * heard.astype(np.float64)


def _share() -> Doubles:
    """What of the change is done at each frame."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip((np.arange(FRAMES) - AT) / RAMP, 0.0, 1.0))


def _moved(value: float, target: float | None) -> Doubles:
    return value + (0.0 if target is None else target - value) * _share()


def _cycles(freq_hz: Doubles) -> Doubles:
    """Running sum of a frequency by trapezoids, exact where it begins and ends level."""
    return np.concatenate([[0.0], np.cumsum(0.5 * (freq_hz[1:] + freq_hz[:-1]))]) / signals.RATE_HZ


def _played(instance: Instance) -> Doubles:
    return render(instance, 0, FRAMES, CACHE).T.astype(np.float64)


def _opened(layer: Mapping[str, Any], modulation: Mapping[str, Any] | None = None) -> Instance:
    program: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": {"x": layer}}
    if modulation is not None:
        program["modulation"] = modulation
    instance = open_instance(parse_program(program), seed=1, live_frame=LIVE_FRAME)
    return replace(instance, gain_db=instance.gain_db - HEADROOM_DB)


def _at_minus_20_dbfs(layer: Mapping[str, Any]) -> Instance:
    """With the peak of the first second at -20 dBFS."""
    instance = _opened(layer)
    peak_dbfs = signals.peak_dbfs(render(instance, 0, signals.RATE_HZ, CACHE))
    return replace(instance, gain_db=instance.gain_db - 20.0 - peak_dbfs)
