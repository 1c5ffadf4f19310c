"""A session without a socket: messages go in and the clock is turned by hand; what comes out is at hand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from server.kit.clock import ManualClock
from server.realtime import wire
from server.realtime.actions import CloseStream, Disconnect, Feed, OpenStream
from server.realtime.limits import Limits
from server.realtime.outbox import Outbox, Packets
from server.realtime.session import Session
from server.realtime.stream import OpenContext, OpenRequest, WireCodec
from tests.peers.house import principal
from tests.peers.tone import ToneHouse, ToneStream

if TYPE_CHECKING:
    from server.realtime.actions import Action
    from server.realtime.channel import Channel

HEAD = 28
_A = TypeVar("_A")
_M = TypeVar("_M", bound=wire.Message)


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of those that were rendered together."""

    sid: int
    pos: int
    frames: int
    codec: str
    epoch: int
    flags: int
    buffer: memoryview
    """With HEAD free bytes before the samples."""


def split(packets: Packets) -> list[Packet]:
    """What a client receives one by one."""
    stride, header = len(packets.buffer) // len(packets.flags), packets.header
    return [
        Packet(
            header.sid,
            header.pos + i * header.frames,
            header.frames,
            header.codec,
            header.epoch,
            one,
            packets.buffer[i * stride : (i + 1) * stride],
        )
        for i, one in enumerate(packets.flags)
    ]


class Wired:
    """One client's session, and the hands around it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.clock = ManualClock()
        self.session = Session("client", principal(), "a test", limits or Limits(), self.now)
        self.outbox = Outbox(lambda: None)
        self.session.attach(self.outbox, self.now)
        self.tones = ToneHouse()
        self.actions: list[Action] = []
        self.told: list[wire.Message] = []
        self.packets: list[Packet] = []
        self._ids = itertools.count(1)

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    # In

    def say(self, message: wire.Message) -> list[wire.Message]:
        """What is answered to a message at once."""
        return self.say_raw(wire.encode(message))

    def say_raw(self, data: bytes) -> list[wire.Message]:
        self.actions += self.session.receive(data, self.now)
        return self.read()

    def pass_time(self, seconds: float) -> list[wire.Message]:
        """Turn the clock; changes that are due are made."""
        self.clock.advance(seconds)
        self.actions += self.session.wake(self.now)
        return self.read()

    def next_id(self) -> int:
        return next(self._ids)

    async def open(self, codec: WireCodec = "s16", **fields: Any) -> Channel:
        """Open a tone."""
        common = {"limit": 9_600, **fields}
        known = {spec.attribute for spec in wire.FIELDS[wire.StreamOpen]}
        given = {name: common.pop(name) for name in list(common) if name in known}
        self.say(wire.StreamOpen(id=self.next_id(), kind="listen", **given, args=common))
        request = self.action(OpenStream).request
        context = OpenContext("a test", "127.0.0.1", lambda _: None, lambda _, __: None)
        wanted = OpenRequest(request.kind, request.args)
        stream = await self.tones.open(self.session.principal, wanted, context)
        channel, actions = self.session.opened(request, stream, codec, self.now)
        self.actions += actions
        self.read()
        return channel

    def flow(self, channel: Channel, play: int, limit: int, **more: Any) -> list[wire.Message]:
        have = more.pop("have", channel.next_pos)
        return self.say(wire.Flow(sid=channel.sid, play=play, have=have, limit=limit, **more))

    def set(self, channel: Channel, play: int, **values: float) -> int:
        """Ask for parameters; the id of the request."""
        request = self.next_id()
        limit = play + 12_000
        self.say(wire.ParamSet(id=request, sid=channel.sid, p=values, play=play, limit=limit))
        return request

    def transport(self, channel: Channel, op: Any, play: int, **where: Any) -> list[wire.Message]:
        limit = play + 12_000
        return self.say(
            wire.Transport(id=self.next_id(), sid=channel.sid, op=op, play=play, limit=limit, **where)
        )

    def render(self, channel: Channel) -> list[Packet]:
        """Render what is due, all of it."""
        made: list[Packet] = []
        while works := channel.plan(self.now, 48_000):
            codec = works[0].codec
            spans = [work.span for work in works]
            arrays = channel.stream.renderer.render(spans, "f32" if codec == "opus" else codec, HEAD)
            if codec == "opus":
                feeds = [work.feed for work in works if work.feed is not None]
                arrays = [feed.encode(array, HEAD) for feed, array in zip(feeds, arrays, strict=True)]
            channel.rendered(works, [array.reshape(-1).data for array in arrays])
            self.read()
            made += self.packets
            self.packets = []
        return made

    # Out

    def read(self) -> list[wire.Message]:
        """Empty the outbox."""
        told: list[wire.Message] = []
        while (item := self.outbox.pop()) is not None:
            if isinstance(item, Packets):
                self.packets += split(item)
            else:
                told.append(wire.decode_server(item))
        self.told += told
        return told

    def action(self, kind: type[_A]) -> _A:
        """The only action of a kind; it is taken off the list."""
        found = [one for one in self.actions if isinstance(one, kind)]
        assert len(found) == 1, (kind, self.actions)
        self.actions.remove(found[0])
        return found[0]

    def last(self, kind: type[_M]) -> _M:
        """The newest message of a kind."""
        return [one for one in self.told if isinstance(one, kind)][-1]

    @property
    def is_cut(self) -> str | None:
        """The code with which the connection is ended, if it is."""
        ends = [one for one in self.actions if isinstance(one, Disconnect)]
        return ends[-1].error.code if ends else None

    @property
    def ending(self) -> str | None:
        """The reason with which a stream is to be closed, if one is."""
        ends = [one for one in self.actions if isinstance(one, CloseStream)]
        return ends[-1].reason if ends else None

    @property
    def is_fed(self) -> bool:
        return any(isinstance(one, Feed) for one in self.actions)


def tone_of(channel: Channel) -> ToneStream:
    """The tone behind a channel."""
    assert isinstance(channel.stream, ToneStream)
    return channel.stream
