"""Opening, owning and closing streams: everything about them that needs others than their client."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.errors import SoundwellError
from server.realtime import metrics, wire
from server.realtime.actions import Action
from server.realtime.audible import Audible
from server.realtime.channel import Channel
from server.realtime.errors import RealtimeError, from_http
from server.realtime.limits import Limits
from server.realtime.pump import Pump
from server.realtime.session import Session
from server.realtime.stream import Envelope, OpenContext, Opener, OpenRequest, Restore, Stream, WireCodec

OVERLOADED_RETRY_MS = 5_000
OPUS_SHARE = 0.5
"""Of the capacity: above it new streams are PCM."""
CONTROL = "realtime"
"""Bus channel on which processes tell each other who took what, and whose authority ended."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A stream of this process and whose it is."""

    session: Session
    channel: Channel
    since: float
    """Unix seconds."""


class _Way:
    """How a stream reaches its client, once it has a channel."""

    def __init__(self, session: Session, pump: Pump) -> None:
        self._session = session
        self._pump = pump
        self.channel: Channel | None = None

    def changed(self, envelope: Envelope) -> None:
        if self.channel is not None:
            self.channel.envelope_changed(envelope)
            self._pump.feed(self.channel)
            self._flush()

    def notice(self, code: str, message: str) -> None:
        self._session.line.send(wire.Notice(code=code, msg=message))
        self._flush()

    def _flush(self) -> None:
        if self._session.line.outbox is not None:
            self._session.line.outbox.flush()


class Stage:
    """The streams of one process."""

    def __init__(
        self,
        openers: Mapping[str, Opener],
        bus: Bus,
        clock: Clock,
        limits: Limits,
        owner: str,
        pump: Pump,
        taken: Callable[[Owned, str | None], None],
    ) -> None:
        self._openers = openers
        self._bus = bus
        self._clock = clock
        self._limits = limits
        self._owner = owner
        self._pump = pump
        self._taken = taken
        self._audible = Audible(bus, clock, owner, limits.lease_s)
        self._owned: dict[str, Owned] = {}
        self._theirs: dict[UUID, set[str]] = {}
        """Sessions by principal."""

    @property
    def load(self) -> float:
        """Cost units that are being rendered."""
        return sum(one.channel.cost for one in self._owned.values() if not one.channel.is_parked)

    # Opening

    async def open(self, session: Session, request: wire.StreamOpen, address: str) -> list[Action]:
        """Open a stream that this process owns, for a client; raises RealtimeError."""
        opener = self._openers.get(request.kind)
        if opener is None:
            raise RealtimeError("invalid_param", "This server has no such kind of stream.", field="kind")
        if not {"s16", "f32"} & set(request.codec_pref):
            raise RealtimeError("unsupported_codec", "This server sends s16 and f32.", field="codec_pref")
        if self.load >= self._limits.capacity:
            raise RealtimeError("overloaded", "This server is full just now.", retry_ms=OVERLOADED_RETRY_MS)
        await self._refuse_second(session, request)
        way = _Way(session, self._pump)
        context = OpenContext(session.device, address, way.changed, way.notice)
        try:
            stream = await opener(session.principal, _wanted(request), context)
        except SoundwellError as refusal:
            raise from_http(refusal) from refusal
        codec = await self._own(stream, self._offered(session, stream, request), session.device)
        way.channel, actions = session.opened(request, stream, codec, self._clock.monotonic())
        self._keep(session, way.channel)
        await self._tell(session.principal.id)
        return actions

    async def revive(self, session: Session, parked: Mapping[str, Any], address: str) -> None:
        """Go on with a stream that another process parked; raises RealtimeError."""
        way = _Way(session, self._pump)
        context = OpenContext(session.device, address, way.changed, way.notice)
        wanted = OpenRequest(parked["kind"], {}, checkpoint=parked["checkpoint"])
        try:
            stream = await self._openers[parked["kind"]](session.principal, wanted, context)
        except SoundwellError as refusal:
            raise from_http(refusal) from refusal
        await self._hold(stream, session.device)
        way.channel = session.revive(stream, parked["channel"], self._clock.monotonic())
        self._keep(session, way.channel)

    def _keep(self, session: Session, channel: Channel) -> None:
        self._disown(channel.stream.session)  # two may have been opened for it at the same time
        self._owned[channel.stream.session] = Owned(session, channel, self._clock.now())
        self._theirs.setdefault(session.principal.id, set()).add(channel.stream.session)
        metrics.STREAMS.inc()

    async def _refuse_second(self, session: Session, request: wire.StreamOpen) -> None:
        """Raise playing_elsewhere unless one more stream may sound; what nobody is connected to gives way."""
        principal = session.principal
        restored = cast("Mapping[str, str]", request.restore or {}).get("session")
        given_up = {request.take, restored}
        replaced = session.channels.get(request.replace) if request.replace is not None else None
        if replaced is not None:
            given_up.add(replaced.stream.session)
        but = {one for one in given_up if one is not None}
        here = [one for one in self._of(principal.id) if one.channel.stream.session not in but]
        sounding = [
            one for one in here if one.session.line.outbox is not None and one.channel.end_reason is None
        ]
        elsewhere = await self._audible.elsewhere(principal.id, but)
        if len(sounding) + len(elsewhere) >= self._limits.streams(principal.plan):
            raise RealtimeError(
                "playing_elsewhere",
                "Sound is playing on another device.",
                sessions=[
                    *(_told(one.channel.stream.session, one.session.device, one.since) for one in sounding),
                    *(_told(one.session, one.device, one.since) for one in elsewhere),
                ],
            )
        for one in here:
            if one.session.line.outbox is None:
                self._taken(one, session.device)

    def _offered(self, session: Session, stream: Stream, request: wire.StreamOpen) -> WireCodec | None:
        """The codec that the client likes best of those it may have; guests and loaded nodes get PCM."""
        is_light = self.load < OPUS_SHARE * self._limits.capacity
        may_encode = session.principal.kind == "user" and is_light
        allowed = [one for one in stream.codecs if one != wire.OPUS or may_encode]
        return next((one for wanted in request.codec_pref for one in allowed if one == wanted), None)

    async def _own(self, stream: Stream, codec: WireCodec | None, device: str) -> WireCodec:
        """Hold the lease of the stream's session."""
        if codec is None:
            await stream.close("refused", 0)
            raise RealtimeError("unsupported_codec", "This stream has no such codec.", field="codec_pref")
        await self._hold(stream, device)
        return codec

    async def _hold(self, stream: Stream, device: str) -> None:
        """Take the lease, and the stream from whoever had it."""
        lease_s = self._limits.lease_s
        if not await self._bus.acquire_lease(_lease(stream), self._owner, stream.generation, lease_s):
            await stream.close("refused", 0)
            raise RealtimeError("superseded", "This session goes on elsewhere.")
        before = self._disown(stream.session)
        if before is not None:
            self._taken(before, device)
        if stream.generation > 1:
            told = {"taken": stream.session, "owner": self._owner, "by": device}
            await self._bus.publish(CONTROL, json.dumps(told).encode())

    # Owning

    async def keep(self) -> None:
        """Renew the leases for ever; what another process took stops here."""
        while True:
            await asyncio.sleep(self._limits.renew_s)
            held = {_lease(one.channel.stream): one for one in self._owned.values()}
            generations = {name: one.channel.stream.generation for name, one in held.items()}
            for name in await self._bus.renew_leases(self._owner, generations, self._limits.lease_s):
                if self.owned(held[name].channel) is not None:
                    self._taken(held[name], None)
            await self._audible.tell({principal: self._sounding(principal) for principal in self._theirs})

    def heard(self, session: str, owner: str, by: str | None) -> None:
        """Another process says that it took a session."""
        owned = self._owned.get(session)
        if owned is not None and owner != self._owner:
            self._taken(owned, by)

    async def changed(self, principal: UUID) -> None:
        """Tell the other processes what of this principal sounds here."""
        await self._tell(principal)

    def owned(self, channel: Channel) -> Owned | None:
        """Whose stream this is."""
        found = self._owned.get(channel.stream.session)
        return found if found is not None and found.channel is channel else None

    def _of(self, principal: UUID) -> list[Owned]:
        return [self._owned[session] for session in self._theirs.get(principal, ())]

    def _disown(self, session: str) -> Owned | None:
        owned = self._owned.pop(session, None)
        if owned is not None:
            principal = owned.session.principal.id
            self._theirs[principal].discard(session)
            if not self._theirs[principal]:
                del self._theirs[principal]
        return owned

    async def _tell(self, principal: UUID) -> None:
        await self._audible.tell({principal: self._sounding(principal)})

    def _sounding(self, principal: UUID) -> list[tuple[str, str, float]]:
        """(session, device, since) of the streams that somebody is connected to."""
        return [
            (one.channel.stream.session, one.session.device, one.since)
            for one in self._of(principal)
            if one.session.line.outbox is not None
        ]

    # Closing

    async def close(self, session: Session, channel: Channel, reason: str, by: str | None) -> None:
        """Write the row, give up the lease, tell the client."""
        self._pump.forget(channel)
        channel.park()
        metrics.STREAMS.dec()
        metrics.UNDERRUNS.inc(channel.underruns)
        metrics.LATE_SPLICES.inc(channel.late_splices)
        stream = channel.stream
        played = channel.credit.playhead(self._clock.monotonic())
        ended = await stream.close(reason, played)
        owned = self._owned.get(stream.session)
        if owned is not None and owned.channel is channel:
            self._disown(stream.session)
            await self._bus.release_lease(_lease(stream), self._owner, stream.generation)
        end = wire.StreamEnd(
            sid=channel.sid,
            reason=str(ended.get("reason", reason)),
            played_frames=played,
            heard_s=cast("float", ended.get("heard_s", 0.0)),
            by=by,
        )
        session.closed(channel, end)
        await self._tell(session.principal.id)


def _wanted(request: wire.StreamOpen) -> OpenRequest:
    restore = None
    if request.restore is not None:
        session = cast("str", request.restore["session"])
        instance = cast("Mapping[str, object]", request.restore["instance"])
        restore = Restore(session, instance, cast("int", request.restore["from"]))
    return OpenRequest(request.kind, request.args, restore, request.take)


def _told(session: str, device: str, since: float) -> dict[str, object]:
    return {"session": session, "device": device, "since": since}


def _lease(stream: Stream) -> str:
    return f"stream:{stream.session}"
