"""One stream as a client hears it: credit, epochs, pause, envelope, parking. Sans-I/O; time is passed in."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from server.realtime import wire
from server.realtime.bucket import Bucket
from server.realtime.changes import Changes
from server.realtime.credit import LEAST_FRAMES, Credit
from server.realtime.errors import RealtimeError
from server.realtime.limits import Limits
from server.realtime.line import Line
from server.realtime.meters import METERED, Levels, Meter
from server.realtime.outbox import Packets
from server.realtime.splices import Splices
from server.realtime.stream import PAUSE_RAMP, RATE_HZ, Change, Envelope, Stream, TransportOp, WireCodec
from server.realtime.work import Packing, Work

RENDER_SECONDS = 120.0
RENDER_SECONDS_PER_S = 2.0
CHANGE_SECONDS = 0.25
"""Audio that a change renders again while credit is collapsed; without so much in the bucket it waits."""
SEEK_SECONDS = 2.0
TRANSPORTS_PER_S = 5.0
REPLACED_FADE_MS = 300
FOLD_EVERY_S = 5.0
OPUS_COST = 5.0
"""Load units of an encoder: it takes so much more than what it encodes."""


class Channel:
    """A stream with a handle, on the line of one client."""

    def __init__(
        self, sid: int, stream: Stream, codec: WireCodec, line: Line, *, play: int, limit: int, now: float
    ) -> None:
        ready = stream.ready()
        start = cast("int", ready["start_pos"])
        self.sid = sid
        self.stream = stream
        self._packing = Packing(stream, codec)
        self.credit = Credit(start, play, limit, now)
        self.splices = Splices()
        self.changes = Changes()
        self.envelope = stream.envelope()
        self.is_parked = False
        self.underruns = 0
        """Times that the client says it ran dry."""
        self.late_splices = 0
        """Reports of samples that came too late."""
        self.end_reason: str | None = None
        """Set once the stream is to be closed."""
        self.next_pos = start
        """First frame that was not handed to the outbox."""
        self._line = line
        self._budget = Bucket(RENDER_SECONDS * RATE_HZ, RENDER_SECONDS_PER_S * RATE_HZ, now)
        self._transports = Bucket(TRANSPORTS_PER_S, TRANSPORTS_PER_S, now)
        self._marks = [
            (cast("int", pos), str(name))
            for pos, name in cast("Sequence[Sequence[object]]", ready.get("marks", ()))
        ]
        self._turn = 0
        self._rendering_turn = -1
        self.is_starved = False
        """Credit is there, render budget is not: worth another look soon."""
        self._overwrites = False
        self._meter: Meter | None = None
        self._peak = start
        self._last_at = start
        self._paused: tuple[int, float] | None = None
        self._flow_at = now
        self._folded_at = now
        self._has_changed = False
        self._last_reason = "completed"
        self._ready: Mapping[str, object] | None = ready

    def ready(self, request: int, now: float) -> wire.StreamReady:
        """What the client is told when the stream is open."""
        ready, self._ready = self._ready or self.stream.ready(), None
        known = {spec.attribute for spec in wire.FIELDS[wire.StreamReady]}
        fields = {name: value for name, value in ready.items() if name in known}
        fields.update(
            re=request,
            sid=self.sid,
            kind=self.stream.kind,
            session=self.stream.session,
            codec=self.codec,
            lookahead=self.stream.lookahead,
            guard_ms=self._line.guard.ms(now),
            end_pos=self.envelope.end_pos,
            gain_env=self.envelope.gain_env,
            rev=self.envelope.rev,
        )
        return wire.StreamReady(**fields)  # type: ignore[arg-type]  # the kind's own fields, checked by the peers' tests

    # What the client reports

    def flow(self, message: wire.Flow, now: float) -> None:
        """Credit, clock and statistics."""
        self._hear(message.play, message.limit, now)
        self.credit.have = max(self.credit.play, min(message.have, self.next_pos))
        self.underruns = max(self.underruns, message.underruns)
        if message.late_ms > 0:
            self.late_splices += 1
            self._line.guard.late(now)
        self._fold(now)

    def played(self, message: wire.Played) -> None:
        self.stream.played(self.credit.play, message.underruns, message.late)

    def _hear(self, play: int, limit: int, now: float) -> None:
        self._flow_at = now
        self.is_parked = False
        self.credit.report(play, limit, now)
        while self._marks and self._marks[0][0] <= self.credit.play:
            pos, name = self._marks.pop(0)
            self._line.send(wire.StreamMark(sid=self.sid, pos=pos, name=name))
        end = self.envelope.end_pos
        if end is not None and self.credit.play >= end:
            self.end(self._last_reason)

    def end(self, reason: str) -> None:
        """The stream is over, for the first reason given."""
        self.end_reason = self.end_reason or reason

    def give_up(self, reason: str, now: float) -> None:
        """Nobody came back; whoever had the rest in their buffer heard the end all the same."""
        self.end(self._last_reason if self._is_heard_out(now) else reason)

    # What the client asks for

    def set(self, request: wire.ParamSet, now: float) -> None:
        """Turn parameters, together with what else comes within 10 ms."""
        self.stream.check(request.p)
        self._hear(request.play, request.limit, now)
        self.changes.add(request.id, request.p, request.ramp_ms, now)

    def make_changes(self, now: float) -> None:
        """Make what is due; without render budget it waits, and its `at` says so."""
        if not self.changes.is_due(now):
            return
        wait_s = self._budget.wait_s(CHANGE_SECONDS * RATE_HZ, now)
        if wait_s > 0:
            self.changes.wait(wait_s, now)
            return
        patch, askers, ramp_ms = self.changes.take(now)
        at = self._next_at(now)
        try:
            change = self.stream.set(at, patch, round(ramp_ms * RATE_HZ / 1000))
        except RealtimeError as refusal:
            for request in askers:
                self._line.refuse(refusal, request)
            return
        self._splice(change, now)
        for request in askers:
            ack = wire.ParamAck(
                re=request,
                at=at,
                epoch=self.splices.epoch,
                entry=change.entry,
                clamped=change.clamped or None,
            )
            self._line.reply(request, ack)

    def transport(self, request: wire.Transport, now: float) -> None:
        """Play, pause, seek, loop or stop."""
        if not self._transports.take(1, now):
            raise RealtimeError(
                "rate_limited", "Not more than five of these a second.", sid=self.sid, retry_ms=200
            )
        self._hear(request.play, request.limit, now)
        if request.op == "stop":
            self._stop(request, now)
            return
        at, paused_s = self._transport_at(request, now)
        change = self.stream.transport(
            request.op,
            at,
            splice_at=max(at, self._next_at(now)),
            to=request.to,
            a=request.a,
            b=request.b,
            paused_s=paused_s,
        )
        self._move(request.op, at, now)
        self._splice(change, now)
        ack = wire.TransportAck(
            re=request.id, at=at, epoch=self.splices.epoch, entry=change.entry, media_map=change.media_map
        )
        self._line.reply(request.id, ack)

    def _transport_at(self, request: wire.Transport, now: float) -> tuple[int, float]:
        """Position of the entry, and for `play` how long the pause was."""
        op = request.op
        if op == "pause":
            if self._paused is not None:
                raise RealtimeError("invalid_param", "It is paused already.", field="op", sid=self.sid)
            return self.credit.play, 0.0
        if op == "play":
            if self._paused is None:
                raise RealtimeError("invalid_param", "It plays already.", field="op", sid=self.sid)
            paused_at, since = self._paused
            return min(max(request.play, paused_at), paused_at + PAUSE_RAMP), now - since
        wait_s = self._budget.wait_s(SEEK_SECONDS * RATE_HZ, now)
        if wait_s > 0:
            raise RealtimeError(
                "rate_limited", "Too much was rendered again.", sid=self.sid, retry_ms=round(wait_s * 1000)
            )
        return self._next_at(now), 0.0

    def _move(self, op: TransportOp, at: int, now: float) -> None:
        if op == "pause":
            self._paused = (at, now)
            self.credit.pause(at + PAUSE_RAMP, now)
        elif op == "play":
            self._paused = None
            self.credit.run(at, now)

    def _stop(self, request: wire.Transport, now: float) -> None:
        """A stop is a finish with the shortest fade; paused, it is the end."""
        envelope, at = self._fade_out(REPLACED_FADE_MS, now)
        self.envelope_changed(envelope)
        entry = envelope.entry or {"pos": at, "kind": "end"}
        self._line.reply(
            request.id, wire.TransportAck(re=request.id, at=at, epoch=self.splices.epoch, entry=entry)
        )

    def extend(self, request: wire.SessionExtend, now: float) -> None:
        """Play longer."""
        self._last_reason = "completed"
        at = self.credit.playhead(now) + self._line.guard.frames(now)
        self.envelope_changed(self.stream.extend(at, request.duration_s), request.id)

    def finish(self, fade_ms: float, now: float, request: int | None = None) -> None:
        """Fade out and end."""
        envelope, _ = self._fade_out(fade_ms, now)
        self.envelope_changed(envelope, request)

    def _fade_out(self, fade_ms: float, now: float) -> tuple[Envelope, int]:
        """The envelope that ends, and the frame at which it begins to fall; a paused stream ends at once."""
        self._last_reason = "stopped"
        if self._paused is not None:
            self.end("stopped")
        at = self.credit.playhead(now) + self._line.guard.frames(now)
        return self.stream.finish(at, round(fade_ms)), at

    def envelope_changed(self, envelope: Envelope, request: int | None = None) -> None:
        """Tell the client, and render to the new end."""
        self.envelope = envelope
        message = wire.StreamEnv(
            re=request,
            sid=self.sid,
            rev=envelope.rev,
            end_pos=envelope.end_pos,
            gain_env=envelope.gain_env,
            entry=envelope.entry,
        )
        if request is None:
            self._line.send(message)
        else:
            self._line.reply(request, message)

    def _next_at(self, now: float) -> int:
        """The frame at which a change made now is heard; entries never go back."""
        at = self.credit.playhead(now) + self._line.guard.frames(now) + self.stream.lookahead
        self._last_at = max(self._last_at, at)
        return self._last_at

    def _splice(self, change: Change, now: float) -> None:
        """Begin a new epoch where samples differ, and send from there again."""
        self._has_changed = True
        if change.from_pos is None:
            return
        self._packing.spliced(now)
        self.splices.begin(change.from_pos)
        self._send_from(change.from_pos)

    def _send_from(self, pos: int) -> None:
        """Go on at `pos` unless even earlier frames were never written."""
        outbox = self._line.outbox
        unsent = outbox.drop_media(self.sid) if outbox is not None else None
        reached = self.next_pos if unsent is None else min(unsent, self.next_pos)
        self._overwrites = self._overwrites or pos < reached
        self.next_pos = min(pos, reached)
        self._turn += 1
        self._packing.restart()

    def subscribe_meters(self, request: wire.MetersSub) -> None:
        """Measure from the next packet on, or no longer."""
        self._meter = Meter(self.sid, request.hz, request.what) if request.hz and request.what else None
        what = [one for one in METERED if one in request.what]
        state = wire.MetersState(re=request.id, sid=self.sid, hz=request.hz, what=what)
        self._line.reply(request.id, state)

    @property
    def is_metered(self) -> bool:
        """Whether levels are wanted of what is rendered."""
        return self._meter is not None

    def measured(self, works: Sequence[Work], levels: Sequence[Levels | None]) -> None:
        """Levels of works that were queued; None of those in which no whole quantum was rendered."""
        outbox = self._line.outbox
        if self._meter is None or outbox is None:
            return
        for work, measured in zip(works, levels, strict=True):
            if measured is None or work.turn != self._turn:
                continue
            packet = self._meter.add(work.span_start, self.splices.epoch, measured)
            if packet is not None:
                outbox.meters(packet)
        outbox.flush()

    # What is rendered

    def plan(self, now: float, most: int) -> list[Work]:
        """Packets that credit and budget allow now; none while some are being rendered."""
        outbox = self._line.outbox
        if outbox is None or self.is_parked or self.end_reason or self._rendering_turn == self._turn:
            return []
        if not outbox.has_room_for_media():
            return []
        works: list[Work] = []
        self.is_starved = False
        start = pos = self.next_pos
        end = self.envelope.end_pos
        while pos - start < most:
            each, packets, codec = self._packing.next(pos, start + most - pos, self.credit, end, now)
            if not each:
                break
            if not self._budget.take(each * packets, now):
                self.is_starved = True
                break
            first_flags = wire.FLAG_SPLICE if self._overwrites and not works else 0
            last_flags = wire.FLAG_END if end is not None and pos + each * packets >= end else 0
            works.append(self._packing.work(self._turn, pos, each, packets, codec, first_flags, last_flags))
            pos += each * packets
        if works:
            self._rendering_turn = self._turn
        return works

    def is_current(self, works: Sequence[Work]) -> bool:
        """Whether nothing has overtaken what was planned."""
        return works[0].turn == self._turn

    def rendered(self, works: Sequence[Work], buffers: Sequence[memoryview]) -> None:
        """Queue what was planned, unless a splice, a resume or a park has overtaken it."""
        outbox = self._line.outbox
        if outbox is None or not self.is_current(works):
            return
        self._rendering_turn = -1
        self._overwrites = False
        for work, buffer in zip(works, buffers, strict=True):
            header = wire.PacketHeader(
                self.sid, work.first_pos, work.packet_frames, work.codec, self.splices.epoch
            )
            outbox.media(Packets(header, work.flags, buffer, work.start))
            end = self.envelope.end_pos
            self.next_pos = work.end if end is None else min(work.end, end)
        outbox.flush()
        if self.next_pos > self._peak:
            self.stream.credited(self.next_pos - self._peak)
            self._peak = self.next_pos

    @property
    def is_wanting(self) -> bool:
        """Whether credit allows more than was handed to the outbox."""
        end, limit = self.envelope.end_pos, self.credit.limit
        if end is not None and end <= limit:
            return self.next_pos < end
        return limit - self.next_pos >= LEAST_FRAMES

    @property
    def codec(self) -> WireCodec:
        """What was agreed with the client."""
        return self._packing.codec

    @property
    def cost(self) -> float:
        """Load units, the encoder's included."""
        return self.stream.cost + (OPUS_COST if self.codec == wire.OPUS else 0.0)

    @property
    def lead(self) -> int:
        """Frames between the listener and what is to be rendered next: the smaller, the more urgent."""
        return self.next_pos - self.credit.play

    # Silence, parking, resuming

    def watch(self, now: float, limits: Limits) -> None:
        """Park a stream that nobody takes: paused for long, or no word while it plays."""
        if self.is_parked:
            return
        paused_s = now - self._paused[1] if self._paused is not None else 0.0
        silent_s = now - self._flow_at if self._paused is None else 0.0
        if silent_s >= limits.park_silent_s and self._is_heard_out(now):
            self.end(self._last_reason)
        elif paused_s >= limits.park_paused_s or silent_s >= limits.park_silent_s:
            self.park()

    def _is_heard_out(self, now: float) -> bool:
        """Whether a listener who says nothing has played all there was."""
        end = self.envelope.end_pos
        return end is not None and self.credit.playhead(now) >= end

    def park(self) -> None:
        """Free what rendering needs; the next word of the client brings it back."""
        self.is_parked = True
        outbox = self._line.outbox
        unsent = outbox.drop_media(self.sid) if outbox is not None else None
        if unsent is not None:
            self.next_pos = min(unsent, self.next_pos)
        self._turn += 1
        self._packing.restart()
        self.stream.park()

    def resume(self, epoch: int, have: int, play: int, now: float) -> wire.StreamResumed:
        """Go on for a client whose audio of `epoch` ends at `have`."""
        self._flow_at = now
        self.is_parked = False
        start = self.splices.resume_from(epoch, min(have, self.next_pos))
        self.credit.resume(play, start, now)
        self._turn += 1
        self._packing.restart()
        self._overwrites = start < have
        self.next_pos = start
        return wire.StreamResumed(
            sid=self.sid,
            from_=start,
            epoch=self.splices.epoch,
            gapless=have > play,
            end_pos=self.envelope.end_pos,
            gain_env=self.envelope.gain_env,
            rev=self.envelope.rev,
        )

    def dump(self, now: float) -> dict[str, Any]:
        """What another process needs beyond the stream's own checkpoint."""
        return {
            "sid": self.sid,
            "codec": self.codec,
            "play": self.credit.playhead(now),
            "epoch": self.splices.epoch,
            "recent": self.splices.recent,
            "next_pos": self.next_pos,
            "peak": self._peak,
            "last_at": self._last_at,
            "paused": None if self._paused is None else (self._paused[0], now - self._paused[1]),
            "marks": self._marks,
            "last_reason": self._last_reason,
        }

    def load(self, state: Mapping[str, Any], now: float) -> None:
        """Go on from what another process dumped."""
        self.splices = Splices(state["epoch"], [(epoch, from_pos) for epoch, from_pos in state["recent"]])
        self.next_pos, self._peak, self._last_at = state["next_pos"], state["peak"], state["last_at"]
        self._marks = [(pos, name) for pos, name in state["marks"]]
        self._last_reason = state["last_reason"]
        self._has_changed = True
        self._ready = None
        if state["paused"] is not None:
            pos, paused_s = state["paused"]
            self._paused = (pos, now - paused_s)
            self.credit.pause(pos + PAUSE_RAMP, now)

    def _fold(self, now: float) -> None:
        """Let old timeline entries merge into one."""
        if not self._has_changed or now - self._folded_at < FOLD_EVERY_S:
            return
        self._folded_at = now
        entry = self.stream.fold(self.credit.play)
        if entry is not None:
            self._line.send(wire.StreamBase(sid=self.sid, entry=entry))
