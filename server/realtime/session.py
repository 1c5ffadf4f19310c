"""One client's state machine, sans-I/O: messages and clock in, actions out, answers into the outbox.

It outlives connections: while nobody is connected its streams stay, parked, until it is resumed or forgotten.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from server.kit.principal import Principal
from server.realtime import wire
from server.realtime.actions import (
    Action,
    CloseStream,
    Disconnect,
    Feed,
    Leave,
    OpenStream,
    Renew,
    Subscribe,
    Wake,
)
from server.realtime.bucket import Bucket
from server.realtime.channel import REPLACED_FADE_MS, Channel
from server.realtime.errors import RealtimeError
from server.realtime.limits import Limits
from server.realtime.line import Line
from server.realtime.outbox import Outbox
from server.realtime.replies import PENDING
from server.realtime.stream import Stream, WireCodec

MESSAGES_PER_S = 100.0
MESSAGES_BURST = 200.0
REPORTS_PER_S = 60.0
"""flow, time and played, per stream."""
MOST_REFUSED = 100
REFUSED_PER_S = 10.0
"""Messages over the rate that are only refused; who sends more of them is cut off."""


class Session:
    """Streams, requests and limits of one client."""

    def __init__(self, client: str, principal: Principal, device: str, limits: Limits, now: float) -> None:
        self.client = client
        """Name of this client session, made by the server."""
        self.principal = principal
        self.device = device
        self.limits = limits
        self.line = Line()
        self.channels: dict[int, Channel] = {}
        self.opening = 0
        """Streams that are being opened."""
        self.next_sid = 1
        self._heard_at = now
        self._messages = Bucket(MESSAGES_BURST, MESSAGES_PER_S, now)
        reports_per_s = REPORTS_PER_S * limits.streams_per_connection
        self._reports = Bucket(reports_per_s, reports_per_s, now)
        self._patience = Bucket(MOST_REFUSED, REFUSED_PER_S, now)
        self._ending: set[int] = set()
        self._actions: list[Action] = []
        self.topics: tuple[str, ...] = ()
        """Of the events that are followed; a resume goes on with them."""

    def revive(self, stream: Stream, state: Mapping[str, Any], now: float) -> Channel:
        """A stream that another process parked."""
        sid, codec, play = state["sid"], state["codec"], state["play"]
        channel = Channel(sid, stream, codec, self.line, play=play, limit=play, now=now)
        channel.load(state, now)
        self.channels[sid] = channel
        return channel

    # Connections come and go

    def attach(self, outbox: Outbox, now: float) -> None:
        """A connection speaks for this client from now on."""
        self.line.outbox = outbox
        self._heard_at = now
        self._messages = Bucket(MESSAGES_BURST, MESSAGES_PER_S, now)

    def detach(self) -> None:
        """Nobody is connected: streams are parked until they are resumed."""
        for channel in self.channels.values():
            channel.park()
        self.line.outbox = None

    def resume(self, streams: Sequence[Mapping[str, int]], now: float) -> list[Action]:
        """Go on with the streams that the client still has; the others end."""
        kept = {one["sid"]: one for one in streams}
        for sid, channel in self.channels.items():
            if sid in kept:
                one = kept[sid]
                self.line.send(channel.resume(one["epoch"], one["have"], one["play"], now))
            else:
                channel.end("dropped")
        for sid in kept.keys() - self.channels.keys():
            self.line.refuse(RealtimeError("not_found", "This stream has ended.", sid=sid))
        return self._finish()

    # What the client says

    def receive(self, data: bytes, now: float) -> list[Action]:
        """One binary message."""
        self._heard_at = now
        try:
            message = wire.decode_client(data)
        except wire.WireError as problem:
            self._malformed(problem, now)
            return self._finish()
        self._take(message, now)
        return self._finish()

    def _take(self, message: wire.Message, now: float) -> None:
        try:
            if isinstance(message, wire.Request):
                self._request(message, now)
            else:
                self._report(message, now)
        except RealtimeError as refusal:
            if refusal.code == "flow_violation":
                self._actions.append(Disconnect(refusal))
            else:
                self.line.refuse(refusal, getattr(message, "id", None))

    def _malformed(self, problem: wire.WireError, now: float) -> None:
        """An unknown type and a wrong field of a request are answered; anything else ends the connection."""
        refusal = RealtimeError(problem.code, problem.message, field=problem.field)
        if problem.code == "unknown_type" or (problem.re is not None and problem.code == "bad_message"):
            if self._is_within(self._messages, now):
                self.line.send(
                    wire.Error(re=problem.re, code=problem.code, msg=problem.message, field=problem.field)
                )
        else:
            self._actions.append(Disconnect(refusal))

    def _is_within(self, bucket: Bucket, now: float) -> bool:
        """Whether one more message is within its rate; insisting ends the connection."""
        if bucket.take(1, now):
            return True
        if not self._patience.take(1, now):
            self._actions.append(Disconnect(RealtimeError("rate_limited", "Too many messages.")))
        return False

    def _report(self, message: wire.Message, now: float) -> None:
        if isinstance(message, wire.Flow | wire.Played | wire.TimeProbe):
            if self._is_within(self._reports, now):
                self._reported(message, now)
        elif self._is_within(self._messages, now):
            if isinstance(message, wire.Bye):
                self._actions.append(Leave())
            elif isinstance(message, wire.Hello):
                self._actions.append(Disconnect(RealtimeError("bad_message", "One hello is enough.")))

    def _reported(self, message: wire.Flow | wire.Played | wire.TimeProbe, now: float) -> None:
        if isinstance(message, wire.TimeProbe):
            self._probe(message, now)
            return
        channel = self.channels.get(message.sid)
        if channel is None:
            return  # it may have ended while this was on its way
        if isinstance(message, wire.Played):
            channel.played(message)
            return
        channel.flow(message, now)
        self._actions.append(Feed(channel))

    def _probe(self, message: wire.TimeProbe, now: float) -> None:
        if message.srtt_us is not None and message.rttvar_us is not None:
            self.line.guard.report(message.srtt_us, message.rttvar_us)
        if self.line.outbox is not None:
            answer = wire.TimeAnswer(re=message.id, c0=message.c0, now_us=round(now * 1e6))
            self.line.outbox.urgent(wire.encode(answer))

    def _request(self, message: wire.Request, now: float) -> None:
        """Once per id: a repeated one gets the same bytes again."""
        if not self._is_within(self._messages, now):
            error = RealtimeError("rate_limited", "Not more than 100 messages a second.", retry_ms=1000)
            self.line.send(wire.Error(re=message.id, code=error.code, msg=error.message, retry_ms=1000))
            return
        known = self.line.replies.begin(message.id)
        if known == "forgotten":
            self.line.send(wire.Error(re=message.id, code="bad_message", msg="Request ids rise.", field="id"))
        elif isinstance(known, bytes):
            if known != PENDING and self.line.outbox is not None:
                self.line.outbox.control(known)
        else:
            self._handlers()[type(message)](message, now)

    def _handlers(self) -> Mapping[type[wire.Message], Callable[[wire.Request, float], None]]:
        return cast(
            "Mapping[type[wire.Message], Callable[[wire.Request, float], None]]",
            {
                wire.StreamOpen: self._open,
                wire.ParamSet: self._set,
                wire.Transport: self._transport,
                wire.SessionExtend: self._extend,
                wire.SessionFinish: self._fade_out,
                wire.MetersSub: self._meter,
                wire.EventsSub: lambda message, _: self._actions.append(Subscribe(message)),
                wire.AuthRenew: lambda message, _: self._actions.append(Renew(message)),
            },
        )

    def _open(self, message: wire.StreamOpen, _: float) -> None:
        kept = len(self.channels) + self.opening - (message.replace in self.channels)
        most = self.limits.streams_per_connection
        if kept >= most:
            raise RealtimeError("limit_reached", f"A connection carries {most} streams.")
        self.opening += 1
        self._actions.append(OpenStream(message))

    def _set(self, message: wire.ParamSet, now: float) -> None:
        channel = self._channel(message.sid)
        channel.set(message, now)
        if channel.changes.due_at is not None:
            self._actions.append(Wake(channel.changes.due_at))

    def _transport(self, message: wire.Transport, now: float) -> None:
        channel = self._channel(message.sid)
        channel.transport(message, now)
        self._actions.append(Feed(channel))

    def _extend(self, message: wire.SessionExtend, now: float) -> None:
        channel = self._channel(message.sid)
        channel.extend(message, now)
        self._actions.append(Feed(channel))

    def _fade_out(self, message: wire.SessionFinish, now: float) -> None:
        self._channel(message.sid).finish(message.fade_ms, now, message.id)

    def _meter(self, message: wire.MetersSub, _: float) -> None:
        self._channel(message.sid).subscribe_meters(message)

    def _channel(self, sid: int) -> Channel:
        channel = self.channels.get(sid)
        if channel is None or channel.end_reason is not None:
            raise RealtimeError("not_found", "There is no such stream.", sid=sid)
        return channel

    # What was done for the client

    def opened(
        self, request: wire.StreamOpen, stream: Stream, codec: WireCodec, now: float
    ) -> tuple[Channel, list[Action]]:
        """A stream is open; the one that it replaces fades out."""
        self.opening -= 1
        replaced = self.channels.get(request.replace) if request.replace is not None else None
        if replaced is not None and replaced.end_reason is None:
            replaced.finish(REPLACED_FADE_MS, now)
        sid = self.next_sid
        self.next_sid += 1
        channel = Channel(sid, stream, codec, self.line, play=request.play, limit=request.limit, now=now)
        self.channels[sid] = channel
        self.line.reply(request.id, channel.ready(request.id, now))
        if self.line.outbox is None:
            channel.park()
        self._actions.append(Feed(channel))
        return channel, self._finish()

    def open_failed(self, request: wire.StreamOpen, refusal: RealtimeError) -> None:
        """A stream could not be opened."""
        self.opening -= 1
        self.line.refuse(refusal, request.id)

    def closed(self, channel: Channel, ended: wire.StreamEnd) -> None:
        """A stream is closed and its row written."""
        self.channels.pop(channel.sid, None)
        self._ending.discard(channel.sid)
        self.line.send(ended)

    def take_away(self, channel: Channel, reason: str, by: str | None) -> list[Action]:
        """Another owner plays this session now."""
        if channel.sid in self._ending:
            return []
        channel.end(reason)
        self._ending.add(channel.sid)
        return [CloseStream(channel, reason, by)]

    def fail(self, channel: Channel) -> list[Action]:
        """A stream cannot be rendered."""
        self.line.refuse(RealtimeError("internal", "This sound cannot be made.", sid=channel.sid))
        channel.end("failed")
        return self._finish()

    def leave(self, reason: str, now: float) -> list[Action]:
        """The client is gone for good: all its streams end."""
        for channel in self._playing():
            channel.give_up(reason, now)
        return self._finish()

    # Time

    def wake(self, now: float) -> list[Action]:
        """Make the changes that are due."""
        for channel in self._playing():
            before = channel.splices.epoch
            channel.make_changes(now)
            if channel.splices.epoch != before:
                self._actions.append(Feed(channel))
            if channel.changes.due_at is not None:
                self._actions.append(Wake(channel.changes.due_at))
        return self._finish()

    def watch(self, now: float) -> list[Action]:
        """Once a second: silence and authority."""
        if self.line.outbox is None:
            return []
        for channel in self._playing():
            channel.watch(now, self.limits)
        if now - self._heard_at >= self.limits.silent_s:
            self._actions.append(Disconnect(RealtimeError("timeout", "Nothing was heard for a minute.")))
        return self._finish()

    def _playing(self) -> Iterator[Channel]:
        return iter([channel for channel in self.channels.values() if channel.end_reason is None])

    def _finish(self) -> list[Action]:
        """Hand out the actions, with a close for each stream that has come to its end."""
        for sid, channel in self.channels.items():
            if channel.end_reason is not None and sid not in self._ending:
                self._ending.add(sid)
                self._actions.append(CloseStream(channel, channel.end_reason))
        actions, self._actions = self._actions, []
        return actions
