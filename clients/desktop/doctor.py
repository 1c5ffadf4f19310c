"""`soundwell doctor`: is there a server, how far away is it, can this machine play, and is left left."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clients.desktop.audio.device import DeviceSink, list_devices
from clients.desktop.audio.sinks import RATE_HZ, NullSink
from clients.desktop.errors import ListenerError, NoSoundCard
from clients.desktop.net.visit import visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clients.desktop.api import Api
    from clients.desktop.audio.ring import Samples
    from clients.desktop.audio.sinks import Sink

_PROBES: Final = 20
_PROBE_APART_S: Final = 0.02
_PATIENCE_S: Final = 10.0
_TONE_S: Final = 1.0
_TONE_HZ: Final = (440.0, 660.0)
_TONE_GAIN: Final = 0.1
_RAMP_FRAMES: Final = 480


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    is_fine: bool
    sentence: str


async def examine(api: Api, *, device: str | None, is_null: bool) -> AsyncIterator[Finding]:
    """Look at everything, in the order in which things depend on one another."""
    yield Finding(is_fine=True, sentence=_versions())
    async for finding in _server(api):
        yield finding
    for finding in _devices(is_null=is_null):
        yield finding
    yield await _tone(NullSink() if is_null else None, device)


async def _server(api: Api) -> AsyncIterator[Finding]:
    try:
        health = await api.get("/api/health")
        yield Finding(is_fine=True, sentence=f"Server {api.server}, version {health['version']}.")
        trips_s = await _round_trips(api)
    except ListenerError as error:
        yield Finding(is_fine=False, sentence=str(error))
        return
    p50, p95 = np.percentile(np.array(trips_s) * 1000, (50, 95))
    yield Finding(is_fine=True, sentence=f"Round trip {p50:.1f} ms (p50), {p95:.1f} ms (p95).")


async def _round_trips(api: Api) -> list[float]:
    """Times from a probe to its answer, over the socket that the sound takes; raises ListenerError."""
    try:
        async with visiting(api.socket_url, api.ticket) as visitor, asyncio.timeout(_PATIENCE_S):
            await visitor.is_welcome.wait()
            while len(visitor.link.trips_s) < _PROBES:
                visitor.link.probe()
                await asyncio.sleep(_PROBE_APART_S)
            return visitor.link.trips_s
    except TimeoutError as error:
        raise ListenerError("The server answers HTTP, but not on its socket.") from error


def _devices(*, is_null: bool) -> list[Finding]:
    try:
        found = list_devices()
    except NoSoundCard as error:
        return [Finding(is_fine=is_null, sentence=str(error))]
    if not found:
        return [Finding(is_fine=is_null, sentence="PortAudio knows no sound card here.")]
    return [
        Finding(is_fine=True, sentence=f"Device {one.index}: {one.name}, {one.latency_ms:.0f} ms.")
        for one in found
    ]


async def _tone(sink: Sink | None, device: str | None) -> Finding:
    """A second left, a second right; and whether the machine kept up."""
    tone = _left_then_right()
    at = 0

    def pull(frames: int) -> Samples:
        nonlocal at
        block = np.zeros((frames, 2), np.float32)
        taken = tone[at : at + frames]
        block[: len(taken)] = taken
        at += frames
        return block

    try:
        sink = sink or DeviceSink(device)
        sink.start(pull)
    except NoSoundCard as error:
        return Finding(is_fine=False, sentence=str(error))
    began = time.monotonic()
    while at < len(tone):  # noqa: ASYNC110 - the card's thread pulls
        await asyncio.sleep(0.05)
    await sink.stop()
    took_s = time.monotonic() - began
    heard = "A tone of one second left, then right"
    is_fine = sink.dropouts == 0
    return Finding(is_fine, f"{heard}: {sink.dropouts} dropouts, {len(tone) / took_s / 1000:.1f} kHz.")


def _left_then_right() -> Samples:
    frames = round(_TONE_S * RATE_HZ)
    time_s = np.arange(frames) / RATE_HZ
    ramp = np.minimum(1.0, np.minimum(np.arange(frames), np.arange(frames)[::-1]) / _RAMP_FRAMES)
    tone = np.zeros((2 * frames, 2), np.float32)
    for ear, pitch_hz in enumerate(_TONE_HZ):
        tone[ear * frames : (ear + 1) * frames, ear] = (
            _TONE_GAIN * ramp * np.sin(2 * np.pi * pitch_hz * time_s)
        )
    return tone


def _versions() -> str:
    names: Any = {name: importlib.metadata.version(name) for name in ("numpy", "websockets")}
    told = ", ".join(f"{name} {version}" for name, version in names.items())
    return f"Python {platform.python_version()}, {told}, {platform.system()} {platform.machine()}."
