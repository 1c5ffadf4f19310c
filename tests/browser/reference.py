"""Another process than any that played: renders what a client should have heard, and compares.

`python -m tests.browser.reference FOLDER CODEC` reads the recording and what the player said of it, and
nothing of the server's. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp import listen
from tests.browser.planes import EPOCHS, Planes, Sound

PAUSE: Final = 14_400
GATE: Final = 480
JOIN: Final = 48_000
SOFTER_DB: Final = 30.0
LOUD_FRAMES: Final = 480_000
QUANTUM: Final = 128
GLANCE: Final = 9_600
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch in which the position moved: frames of the recording from `at`, positions from `pos`."""

    at: int
    pos: int
    frames: int


class Versions:
    """The instance after each epoch, from what was acknowledged."""

    def __init__(self, log: list[dict[str, Any]], codec: str) -> None:
        self._codec = codec
        self._cache = listen.GranuleCache(256 * 2**20)
        opened = next(entry for entry in log if entry["kind"] == "ready" and entry["isNew"])
        self._instance = listen.Instance.from_json(opened["instance"])
        self._plans: dict[int, listen.Plan] = {}
        self._by_epoch: dict[int, listen.Instance] = {0: self._instance}
        epoch, told = 0, set()
        for ack in (entry for entry in log if entry["kind"] == "ack"):
            epoch += (ack["ringEpoch"] - epoch) % EPOCHS
            name = json.dumps(ack["entry"], sort_keys=True)
            if name not in told:
                told.add(name)
                self._instance = self._instance.with_entry(ack["entry"])
            self._by_epoch[epoch] = self._instance
        self.newest = epoch

    @property
    def last(self) -> listen.Instance:
        """With everything that was acknowledged."""
        return self._instance

    def render(self, epoch: int, start: int, end: int) -> Sound:
        """Positions start … end with the changes up to `epoch`, as their packets carried them."""
        known = max(one for one in self._by_epoch if one <= epoch)
        plan = self._plans.get(known) or listen.prepare(self._by_epoch[known])
        self._plans = {known: plan}
        if self._codec == "f32":
            return listen.render(plan, start, end - start, self._cache)
        parts = [
            listen.render_batch([listen.Span(plan, at, min(48_000, end - at))], self._cache, "s16", 0)[0]
            for at in range(start, end, 48_000)
        ]
        integers = np.concatenate([part.view("<i2") for part in parts]).reshape(-1, 2)
        return (integers.astype(np.float32) / np.float32(32_768)).astype(np.float32)


def runs_of(log: list[dict[str, Any]], first: int, frames: int) -> list[Run]:
    """Where the position moved, in order."""
    runs: list[Run] = []
    start: dict[str, Any] | None = None
    for entry in log:
        if entry["what"] == "start":
            start = entry
        elif entry["what"] == "stand" and start is not None:
            runs.append(Run(start["frame"] - first, start["pos"], entry["pos"] - start["pos"]))
            start = None
    if start is not None:
        runs.append(Run(start["frame"] - first, start["pos"], frames - (start["frame"] - first)))
    return runs


def gains(log: list[dict[str, Any]], said: list[dict[str, Any]], frames: int) -> Doubles:
    """Envelope, pauses and underruns at each position, multiplied; placed by the worklet's log."""
    product = _envelopes(log, said, frames)
    pos = np.arange(frames)
    for entry in log:
        ramp = GATE if entry["what"] in {"low", "refill"} else PAUSE
        done = _rise((pos - entry["pos"]) / ramp)
        if entry["what"] in {"pause", "low"}:
            product *= np.where((pos >= entry["pos"]) & (pos < entry["pos"] + ramp), 1.0 - done, 1.0)
        elif entry["what"] in {"rise", "refill"}:
            product *= np.where((pos >= entry["pos"]) & (pos < entry["pos"] + ramp), done, 1.0)
    return product


def _envelopes(log: list[dict[str, Any]], said: list[dict[str, Any]], frames: int) -> Doubles:
    """Each envelope from where the worklet took it, and from its own first point on."""
    points = {one["rev"]: one["gainEnv"] for one in said if one["kind"] in {"ready", "envelope"}}
    opened = next(one for one in said if one["kind"] == "ready")
    gain = listen.envelope(_pairs(opened["gainEnv"]), 0, frames)
    for entry in (one for one in log if one["what"] == "envelope"):
        newer = _pairs(points[int(entry["a"])])
        begin = max(int(entry["pos"]), newer[0][0])
        gain[begin:] = listen.envelope(newer, begin, max(0, frames - begin))
        if entry["b"] >= 0:
            joined = np.arange(begin, min(begin + JOIN, frames))
            share = _rise((joined - begin) / JOIN)
            gain[joined] = entry["b"] + (gain[joined] - entry["b"]) * share
    return gain


def _pairs(points: list[list[float]]) -> list[tuple[int, float]]:
    return [(int(pos), float(gain)) for pos, gain in points]


def _rise(share: Doubles) -> Doubles:
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Expected:
    """What should have been heard."""

    runs: list[Run]
    sound: Sound
    """By position."""
    newest: Sound
    """By position: without any plane but the newest."""
    rendered: Sound
    """The same before envelope and ramps."""


def expect(folder: Path, codec: str) -> tuple[Expected, Sound, list[dict[str, Any]], Versions]:
    """The expectation, the recording, the log, the instances."""
    said = json.loads((folder / "said.json").read_text())
    samples: Sound = np.load(folder / "samples.npy")
    log = [entry for entry in said["log"] if entry["kind"] == "worklet"]
    runs = runs_of(log, said["first"], len(samples))
    frames = max(run.pos + run.frames for run in runs)
    versions = Versions(said["log"], codec)
    planes = Planes.over(versions.render, frames, versions.newest)
    gain = gains(log, said["log"], frames).astype(np.float32)[:, None]
    rendered = planes.new.copy()
    return (
        Expected(runs, planes.replay(log) * gain, rendered * gain, rendered),
        samples,
        said["log"],
        versions,
    )


def guarded_db(instance: listen.Instance, newest: Sound) -> float:
    """How far the guard turns peaks down: beside it the instance so soft that the guard rests."""
    soft = listen.Instance.from_json({**instance.to_json(), "gain_db": instance.gain_db - SOFTER_DB})
    start = max(0, len(newest) - LOUD_FRAMES)
    peak = np.abs(newest[start:]).max()
    rested = listen.render(soft, start, len(newest) - start)
    unguarded = np.abs(rested).max() * 10 ** (SOFTER_DB / 20)
    return float(20 * np.log10(unguarded / peak))


def _aligned(run: Run, sound: Sound, samples: Sound) -> Run:
    """The run where it was recorded: the browser's count of frames may stand still for a quantum."""
    shifts = (0, -QUANTUM, QUANTUM, -2 * QUANTUM, 2 * QUANTUM)
    glance = sound[run.pos : run.pos + min(run.frames, GLANCE)]

    def differing(shift: int) -> int:
        heard = samples[max(0, run.at + shift) :][: len(glance)]
        same = (heard == glance[: len(heard)]).all(axis=1).sum()
        return len(glance) - int(same)

    return replace(run, at=run.at + min(shifts, key=differing))


def report(folder: Path, codec: str) -> dict[str, Any]:
    """The comparison, as numbers."""
    expected, samples, said, versions = expect(folder, codec)
    log = [entry for entry in said if entry["kind"] == "worklet"]
    wanted = np.zeros_like(samples)
    is_moving = np.zeros(len(samples), dtype=bool)
    for run in (_aligned(one, expected.sound, samples) for one in expected.runs):
        place = slice(run.at, run.at + run.frames)
        wanted[place] = expected.sound[run.pos : run.pos + run.frames]
        is_moving[place] = True
    wrong = np.flatnonzero((wanted != samples).any(axis=1))
    edges = [(run.pos, run.pos + run.frames) for run in expected.runs]
    in_order = all(before[1] == after[0] for before, after in pairwise(edges))
    # the engine's own idea of what is played, where every splice was in time
    played = listen.play(versions.last, 0, len(expected.newest)) if codec == "f32" else expected.newest
    counts = Counter(entry["what"] for entry in log)
    restored = sum(entry["kind"] == "ready" and not entry["isNew"] for entry in said)
    return {
        "restored": restored,
        "guarded_db": guarded_db(versions.last, expected.rendered),
        "frames": int(is_moving.sum()),
        "first_pos": edges[0][0],
        "end_pos": edges[-1][1],
        "each_once": in_order and edges[0][0] == 0,
        "wrong": len(wrong),
        "first_wrong": int(wrong[0]) if len(wrong) else None,
        "largest_error": float(np.abs(wanted - samples).max()),
        "peak": float(np.abs(samples).max()),
        "engine_differs": int((played != expected.newest).any(axis=1).sum()),
        "old_heard": int((expected.sound != expected.newest).any(axis=1).sum()),
        "plane_changes": counts["plane"],
        "learned": counts["learn"],
        "underruns": counts["low"],
        "entries": len(versions.last.timeline),
    }


if __name__ == "__main__":
    print(json.dumps(report(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201 - the answer to the process that asked
