"""Instances of every kind, what they sound like on a numeric build, and how that is written down.

`python -m tests.dsp.listen.golden` writes golden.json and golden.npz beside this file: to be done when
ENGINE is bumped, and on a new numeric build (its hashes then join those that are there).
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.listen import (
    ENGINE,
    GranuleCache,
    Instance,
    Span,
    loop_change,
    open_instance,
    param_change,
    parse_program,
    play_change,
    prepare,
    render_batch,
    seek_change,
)
from dsp.listen.program import COLORS

HASHES: Final = Path(__file__).with_name("golden.json")
SAMPLES: Final = Path(__file__).with_name("golden.npz")
FRAMES: Final = 24_000
KEPT: Final = 480
"""Frames of each instance that are kept as samples, from the middle."""
_LIVE_FRAME: Final = 48_000 * 1_790_000_000


def instances() -> dict[str, Instance]:
    """Every kind of layer, modulation and change; all changes lie within the first half second."""
    beat = [[0, 10], [120, 16]]
    tones: dict[str, Any] = {"kind": "binaural", "level": 60, "voices": [_voice(200, beat), _voice(311, -7)]}
    noise: dict[str, Any] = {"kind": "noise", "color": "pink", "level": 60}
    sine = {"rate_hz": beat, "depth": 45}
    made: dict[str, Instance] = {
        str(color): _open({"noise": noise | {"color": color}}, sine) for color in COLORS
    }
    made["bands"] = _open({"noise": noise | {"bands_db": [0, 3, -6, 0, 0, 1, 0, 0, -24, 6]}})
    made["tones"] = _open({"tones": tones})
    made["monaural"] = _open({"tones": tones | {"kind": "monaural"}})
    made["bent"] = _open({"tones": tones | {"voices": [_voice([[0, 200], [60, 260, "exponential"]], 4)]}})
    made["beeps"] = _open(
        {"iso": _beeps(), "noise": noise}, sine | {"law": "smoothstep", "stereo": "alternating"}
    )
    made["pan"] = _open({"noise": noise}, sine | {"stereo": "equal_power", "floor": 0.2})
    made["pads"] = _open({"pads": {"kind": "bed", "recipe": "ambient", "level": 60}}, sine)
    made["rain"] = _open({"rain": {"kind": "texture", "recipe": "rain", "level": [[0, 30], [60, 60]]}})
    made["drone"] = _open({"drone": {"kind": "bed", "recipe": "drone", "level": 60}}, sine)
    motion = {"kind": "texture", "recipe": "night", "level": 60, "spatial": {"rate_hz": 0.2, "width_us": 500}}
    made["motion"] = _open({"night": motion}, sine)
    made["bell"] = _open({"bell": {"kind": "bell", "level": 60, "at_s": [0.1]}, "noise": noise})
    made["all"] = _open({"tones": tones, "noise": noise, "iso": _beeps()}, sine)
    patch: dict[str, float | str] = {
        "noise.level": 20.0,
        "noise.color": "brown",
        "tones.beat_hz": 4.0,
        "am.rate_hz": 7.0,
        "am.depth": 75.0,
    }
    made["knobs"] = param_change(made["all"], 5000, patch, 1440).instance
    made["more knobs"] = param_change(
        made["knobs"], 7001, {"tones.carrier_hz": 300.0, "am.depth": 5.0}, 4800
    ).instance
    made["seek"] = seek_change(made["all"], 5000, 960_123).instance
    looped = loop_change(made["all"], 1000, 0, 48_000).instance
    made["loop"] = seek_change(looped, 3000, 40_000).instance
    tuned = play_change(made["all"], 5000, _LIVE_FRAME + 960 * 900).instance
    made["guard"] = param_change(tuned, 6000, {"output.gain_db": 6.0, "tones.level": 100.0}, 480).instance
    return made


def hashes() -> dict[str, str]:
    """SHA-256 of the first half second of each instance, int16."""
    return {name: hashlib.sha256(pcm.tobytes()).hexdigest() for name, pcm in _rendered().items()}


def kept_samples() -> dict[str, NDArray[np.int16]]:
    """10 ms from the middle of each instance, (480, 2)."""
    middle = FRAMES // 2
    return {name: pcm[middle : middle + KEPT] for name, pcm in _rendered().items()}


def numeric_build() -> str:
    """Name of what numpy's functions come to on this machine, bit for bit."""
    x = np.linspace(-7.0, 7.0, 4801)
    single = x.astype(np.float32)
    parts = [
        np.sin(x),
        np.cos(x),
        np.exp(x),
        np.log(x + 8.0),
        np.sin(single),
        np.cos(single),
        np.sqrt(single + 8),
    ]
    parts.append(np.log(single + 8))
    parts.append(np.fft.irfft(np.fft.rfft(single[:4800])))
    parts.append(single[:256].reshape(32, 8) @ single[256:496].reshape(8, 30))
    parts.append(single[:64].reshape(8, 8) @ single[64:1024].reshape(8, 120))
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:16]


def stored_hashes() -> dict[str, Any]:
    """{"engine", "builds": {numeric build: {instance: hash}}}"""
    stored: dict[str, Any] = json.loads(HASHES.read_text())
    return stored


def main() -> None:
    """Write the hashes of this build, and the samples."""
    stored = stored_hashes() if HASHES.exists() else {}
    builds = stored.get("builds", {}) if stored.get("engine") == ENGINE else {}
    builds[numeric_build()] = hashes()
    HASHES.write_text(json.dumps({"engine": ENGINE, "builds": builds}, indent=1) + "\n")
    np.savez_compressed(SAMPLES, allow_pickle=False, **kept_samples())


def _rendered() -> Mapping[str, NDArray[np.int16]]:
    cache = GranuleCache()
    made = instances()
    spans = [Span(prepare(instance), 0, FRAMES) for instance in made.values()]
    packets = render_batch(spans, cache, "s16", 0)
    return {name: pcm.view(np.int16).reshape(-1, 2) for name, pcm in zip(made, packets, strict=True)}


def _open(layers: dict[str, Any], modulation: dict[str, Any] | None = None) -> Instance:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    program = parse_program(body | ({"modulation": modulation} if modulation else {}))
    return open_instance(program, seed=3, live_frame=_LIVE_FRAME)


def _voice(carrier_hz: object, beat_hz: object) -> dict[str, Any]:
    return {"carrier_hz": carrier_hz, "beat_hz": beat_hz}


def _beeps() -> dict[str, Any]:
    return {"kind": "isochronic", "carrier_hz": 220, "rate_hz": 9.5, "level": 40, "law": "gaussian"}


if __name__ == "__main__":
    main()
