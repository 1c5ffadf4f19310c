"""Guests with a ticket and a wish, as bytes that a load client only has to send."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp import listen
from dsp.listen import QUANTUM, RATE_HZ
from server.accounts.service import claims_of
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.principal import Principal
from server.realtime import wire
from server.realtime.tickets import Tickets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bench.listeners import Form
    from tests.serving import Serving

DURATION_S = 1_500
"""Within a guest's day."""


@dataclass(frozen=True, slots=True)
class Guest:
    """What one listener says once it is connected."""

    start: int
    """First frame that they hear."""
    messages: tuple[bytes, ...]


def program(voices_kind: str = "binaural") -> dict[str, Any]:
    """Cost 1.0: four voices, a bed of pink noise, AM; as Opus only without a binaural beat."""
    voices = [{"carrier_hz": 150 + 50 * i, "beat_hz": 10, "gain": 0.25} for i in range(4)]
    return {
        "v": 1,
        "title": "load",
        "mode": "focus",
        "layers": {
            "noise": {"kind": "noise", "color": "pink", "bands_db": [0] * 10, "level": 60},
            "tones": {"kind": voices_kind, "voices": voices, "level": 30},
        },
        "modulation": {"law": "sine", "stereo": "together", "rate_hz": 16, "depth": 45, "duty": 0.5},
        "output": {"gain_db": 0},
    }


def guests(site: Serving, count: int, form: Form) -> Iterator[Guest]:
    """So many strangers; a ticket is made when its guest is asked for, for it lives half a minute."""
    with asyncio.Runner() as runner:
        bus = runner.run(Bus.connect(_bus_url(site)))
        tickets = Tickets(bus, (site.data_dir / "secret.key").read_bytes(), Clock())
        begun = time.time()
        rooms = [_room(one, begun) for one in range(form.instances)]
        own = {
            "args": {
                "program": program("monaural" if form.codec == "opus" else "binaural"),
                "duration_s": DURATION_S,
            }
        }
        for number in range(count):
            principal = Principal(uuid.uuid4(), "user", "pro", time.time() + 3_600)
            ticket = runner.run(tickets.mint(claims_of(principal), None))
            start = _position(begun) if form.instances else 0
            wish = _joining(rooms[number % form.instances], start) if form.instances else own
            messages = [_hello(ticket), _open(form, wish, start)]
            if form.meters:
                messages.append(wire.MetersSub(id=2, sid=1, hz=10))
            yield Guest(start, tuple(wire.encode(one) for one in messages))
        runner.run(bus.close())


def _hello(ticket: str) -> wire.Hello:
    return wire.Hello(v=(1,), ticket=ticket, client={"device": "load"})


def _open(form: Form, wish: Mapping[str, Any], start: int) -> wire.StreamOpen:
    return wire.StreamOpen(
        id=1, kind="listen", codec_pref=(form.codec, "s16"), play=start, limit=start + 9_600, **wish
    )


def _room(number: int, begun: float) -> dict[str, Any]:
    """An instance that several listen to."""
    live_frame = int(begun * RATE_HZ) // QUANTUM * QUANTUM
    instance = listen.open_instance(listen.parse_program(program()), seed=number, live_frame=live_frame)
    end = DURATION_S * RATE_HZ
    instance = listen.end_change(instance, 0, 1, end, ((0, 1.0), (end - RATE_HZ, 1.0), (end, 0.0))).instance
    return {"session": "", "instance": instance.to_json()}


def _joining(room: Mapping[str, Any], start: int) -> dict[str, Any]:
    return {"restore": {**room, "from": start}}


def _position(begun: float) -> int:
    """Where a room that began then is by now, on the grid of long packets."""
    return int((time.time() - begun) * RATE_HZ) // 4_800 * 4_800


def _bus_url(site: Serving) -> str:
    """Where the embedded bus of this server listens."""
    return site.member("web").environ()["REDIS_URL"]
