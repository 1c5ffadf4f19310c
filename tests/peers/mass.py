"""The mass of a fuzz: messages for the codec alone and for sessions without sockets, as fast as it goes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from server.realtime import wire
from server.realtime.actions import CloseStream, OpenStream
from server.realtime.limits import Limits
from server.realtime.outbox import MOST_MEDIA_BYTES
from server.realtime.replies import KEPT
from server.realtime.stream import OpenContext, OpenRequest
from tests.peers.nonsense import Nonsense
from tests.peers.wired import HEAD, Wired

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_STREAMS: Final = Limits().streams_per_connection + 1
"""One more while it is being replaced."""
MOST_BYTES: Final = MOST_STREAMS * (MOST_MEDIA_BYTES + 48_000 * 4 * 1.1)
CONTEXT: Final = OpenContext("a test", "127.0.0.1", lambda _: None, lambda _, __: None)
LEAVES_EVERY: Final = 200
"""Messages after which a connection is cut and resumed."""
LIFE: Final = 1_500
"""Messages of one session."""
PAUSES_S: Final = (0.0, 0.001, 0.01, 0.05, 0.3)


def mangled(talk: Nonsense) -> bytes:
    """A message that was right, with bits turned, bytes cut out, doubled or put behind."""
    data, chance = bytearray(talk.message([1, 2, 3])), talk.chance
    for _ in range(chance.randrange(4) if data else 0):
        at = chance.randrange(len(data))
        how = chance.randrange(4)
        if how == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del data[at : at + chance.randrange(1, 9)]
        elif how == 2:
            data[at:at] = data[at : at + chance.randrange(1, 9)]
        else:
            data += chance.randbytes(chance.randrange(1, 9))
        if not data:
            break
    return bytes(data)


def decode_anything(data: bytes) -> bool:
    """Whether both ends of the codec take it; they refuse with a WireError and with nothing else."""
    is_taken = False
    for decode in (wire.decode_client, wire.decode_server, wire.parse_packet):
        try:
            found = decode(data)
        except wire.WireError:
            continue
        is_taken = True
        if decode is wire.decode_client:  # what was understood can be said again, and means the same
            assert isinstance(found, wire.Message)
            assert wire.decode_client(wire.encode(found)) == found
    return is_taken


def fuzz_codec(messages: int, seed: int) -> int:
    """How many of so many mangled messages were understood all the same."""
    talk = Nonsense(seed)
    return sum(decode_anything(mangled(talk)) for _ in range(messages))


async def fuzz_sessions(messages: int, seed: int, *, renders: float = 0.2) -> int:
    """Sessions one after the other, until so many messages are said; how many there were.

    `renders` is the share of what is due that is rendered, and so fills the outbox.
    """
    chance, said, sessions = random.Random(seed), 0, 0
    while said < messages:
        life = min(LIFE, messages - said)
        await _live(life, chance.randrange(2**32), renders)
        said, sessions = said + life, sessions + 1
    return sessions


async def _live(messages: int, seed: int, renders: float) -> None:
    """One session, whatever comes; raises AssertionError where it grows beyond its bounds."""
    wired, talk = Wired(), Nonsense(seed)
    for step in range(messages):
        wired.clock.advance(talk.chance.choice(PAUSES_S))
        data = talk.message(list(wired.session.channels))
        wired.actions += wired.session.receive(data, wired.now)
        wired.actions += wired.session.wake(wired.now)
        wired.actions += wired.session.watch(wired.now)
        await _settle(wired)
        _render(wired, talk.chance, renders)
        assert wired.outbox.media_bytes <= MOST_BYTES
        assert len(wired.session.line.replies.dump()) <= KEPT
        assert len(wired.session.channels) <= MOST_STREAMS
        if talk.chance.random() < 0.5:
            wired.read()
            wired.told.clear()
            wired.packets.clear()
        if step % LEAVES_EVERY == LEAVES_EVERY - 1:
            wired.session.detach()
            wired.session.attach(wired.outbox, wired.now)
            wired.actions += wired.session.resume(list(_claims(wired, talk.chance)), wired.now)
            await _settle(wired)
    assert wired.session.opening == 0


async def _settle(wired: Wired) -> None:
    """Do what the session asked for."""
    actions, wired.actions = wired.actions, []
    for action in actions:
        if isinstance(action, OpenStream):
            wanted = OpenRequest("listen", {"duration_s": 5})
            stream = await wired.tones.open(wired.session.principal, wanted, CONTEXT)
            _, more = wired.session.opened(action.request, stream, "s16", wired.now)
            wired.actions += more
        elif isinstance(action, CloseStream):
            end = wire.StreamEnd(sid=action.channel.sid, reason=action.reason, played_frames=0, heard_s=0)
            wired.session.closed(action.channel, end)
    wired.tones.streams.clear()


def _render(wired: Wired, chance: random.Random, share: float) -> None:
    """Make some of what credit allows."""
    for channel in list(wired.session.channels.values()):
        if chance.random() >= share:
            continue
        works = channel.plan(wired.now, 48_000)
        if works:
            arrays = channel.stream.renderer.render([work.span for work in works], "s16", HEAD)
            channel.rendered(works, [array.reshape(-1).data for array in arrays])


def _claims(wired: Wired, chance: random.Random) -> Iterator[dict[str, int]]:
    """What a client that comes back says of its streams, true or not."""
    for sid in (*wired.session.channels, 99):
        have, epoch = chance.randrange(400_000), chance.randrange(9)
        yield {"sid": sid, "have": have, "play": 0, "epoch": epoch}
