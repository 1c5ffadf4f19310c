from typing import Any

import numpy as np
import pytest

from dsp.listen import GranuleCache, Instance, open_instance, parse_program, prepare
from dsp.listen.direct import direct_quantum
from dsp.listen.program import LAWS, STEREOS
from dsp.listen.tiles import Run, Workspace, render_tile

CACHE = GranuleCache()
RAIN: dict[str, Any] = {"kind": "texture", "recipe": "rain", "level": [[0, 60], [60, 50]]}
NOISE: dict[str, Any] = {"kind": "noise", "color": "pink", "level": 60}


def _instance(
    layers: dict[str, Any], modulation: dict[str, Any] | None = None, live_frame: int = 960 * 77
) -> Instance:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    program = parse_program(body | ({"modulation": modulation} if modulation else {}))
    return open_instance(program, seed=1, live_frame=live_frame)


def _voices(*voices: tuple[object, object], kind: str = "binaural", level: object = 60) -> dict[str, Any]:
    return {
        "kind": kind,
        "level": level,
        "voices": [{"carrier_hz": carrier, "beat_hz": beat} for carrier, beat in voices],
    }


def _beeps(**more: Any) -> dict[str, Any]:
    return {"kind": "isochronic", "carrier_hz": 220, "rate_hz": 9.5, "level": 40} | more


SOUNDS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "silence": ({"noise": NOISE | {"level": 0}}, None),
    "four voices": ({"t": _voices((200, 10), (311, -7), (555.5, 3), (999, 39))}, None),
    "both kinds": ({"t": _voices((200, 10)), "m": _voices((300, 5), (400, 6), kind="monaural")}, None),
    "glide": ({"t": _voices((200, [[0, 10], [60, 4]]), ([[0, 300], [40, 400]], 5))}, None),
    "bent glide": ({"t": _voices(([[0, 200], [60, 260, "exponential"]], [[0, 9], [50, 4, "cosine"]]))}, None),
    "noise": ({"noise": NOISE}, {"rate_hz": 10, "depth": 45}),
    "bands": (
        {"noise": NOISE | {"bands_db": [0, 3, 0, -6, 0, 0, 0, 0, 0, -20]}},
        {"rate_hz": 10, "depth": 45},
    ),
    "gliding AM": ({"noise": NOISE}, {"rate_hz": [[0, 10], [120, 16]], "depth": 75}),
    "fading AM": ({"noise": NOISE}, {"rate_hz": [[0, 10], [60, 4, "cosine"]], "depth": [[0, 20], [900, 0]]}),
    "fading noise": (
        {"noise": NOISE | {"level": [[0, 60], [20, 90]]}},
        {"rate_hz": 10, "depth": 45, "floor": 0.2},
    ),
    "beeps": (
        {"i": _beeps(), "j": _beeps(rate_hz=[[0, 4], [60, 8]], carrier_hz=[[0, 200], [60, 300]])},
        None,
    ),
    "bell": (
        {"noise": NOISE, "b": {"kind": "bell", "level": [[0, 60], [30, 80]], "at_s": [0.013, 3.9, 18]}},
        {"rate_hz": 10, "depth": 45},
    ),
    "motion": ({"rain": RAIN | {"spatial": {"rate_hz": [[0, 0.5], [60, 0.2]], "width_us": 650}}}, None),
} | {
    f"{law} {stereo}": (
        {"noise": NOISE, "i": _beeps(law=law)},
        {"rate_hz": 7, "depth": 60, "law": law, "stereo": stereo},
    )
    for law, stereo in zip(LAWS, STEREOS * 3, strict=False)
}


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_tile_is_the_direct_arithmetic_to_minus_137_db(sound: str) -> None:
    instance = _instance(*SOUNDS[sound])
    plan = prepare(instance)
    wrong, whole = 0.0, 0.0
    for quantum in (0, 1, 200, 949):
        stretch = plan.stretch(0, quantum)
        assert stretch is not None
        tile = render_tile([Run(stretch, quantum, 1)], CACHE, Workspace.of(1))[:, 0, 0]
        direct = direct_quantum(instance, instance.states[0], quantum, CACHE).astype(np.float64)
        wrong += float(((tile - direct) ** 2).sum())
        whole += float((direct**2).sum())
    if sound == "silence":
        assert wrong == whole == 0.0
    else:
        assert 10 * np.log10(wrong / whole) < -137.0


@pytest.mark.parametrize("sound", SOUNDS)
def test_neighbours_and_length_do_not_change_a_bit(sound: str) -> None:
    near, far = (prepare(_instance(*SOUNDS[sound], live_frame=960 * offset)) for offset in (77, 100_031))
    runs = []
    for plan, first in ((near, 3), (far, 48), (near, 947), (far, 3), (near, 3)):
        stretch = plan.stretch(0, first)
        assert stretch is not None
        runs.append(Run(stretch, first, 5))
    together = np.array(render_tile(runs, CACHE, Workspace.of(25)))
    for i, run in enumerate(runs):
        for quantum in range(5):
            single = Run(run.stretch, run.first + quantum, 1)
            alone = render_tile([single], CACHE, Workspace.of(1))[:, 0, 0]
            assert alone.tobytes() == together[:, i, quantum].tobytes()
