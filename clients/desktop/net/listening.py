"""One listening as the client keeps it: what was asked for, the instance, the run of audio, the credit.

It goes on over resumes, and over servers that have forgotten it, from what is kept here alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

import numpy as np

from clients.desktop.audio.curves import PAUSE_FRAMES, Envelope, read_points
from clients.desktop.audio.deck import Deck, Happening, Standing
from clients.desktop.net.horizon import OPEN_FRAMES, RATE_HZ, Horizon
from clients.desktop.net.instance import Instance, sounds_from, value_at
from clients.desktop.net.patch import Patch, Values
from clients.desktop.net.requests import Lost, Refused
from clients.desktop.net.run import Run
from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from clients.desktop.audio.output import Output
    from clients.desktop.audio.ring import Samples

LOOKAHEAD_FRAMES: Final = 480
"""An entry changes no frame before its own by more than this; as in `stream.ready`."""
_FULL_SCALE: Final = np.float32(32_768)
_ANSWER_S: Final = 1.0
"""A fade to the end waits no longer for the server than this."""
_PAUSE_ROOM_FRAMES: Final = PAUSE_FRAMES + 9_600
"""A pause plays on for the length of its ramp, whatever the horizon is."""
_RETRY_S: Final = 0.2

Op = Literal["play", "pause", "stop"]


class Stage(Protocol):
    """What a listening needs around it."""

    output: Output
    horizon: Horizon

    def ask(self, request: wire.Request) -> asyncio.Future[wire.Message]:
        """Sent before this returns; may raise Refused or Lost."""
        ...

    def send(self, message: wire.Message) -> None:
        """Send, if there is a line."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it run beside."""
        ...

    def mend(self) -> None:
        """Something was lost on the way: come back to where the run ends."""
        ...

    def tell(self, what: str, **facts: object) -> None:
        """News for whoever watches."""
        ...


class Listening:
    """A stream at the server and its deck here."""

    def __init__(self, wish: Mapping[str, object], codecs: tuple[str, ...], stage: Stage) -> None:
        self.sid: int | None = None
        self.session = ""
        self.instance: Instance | None = None
        self.deck: Deck | None = None
        self.end_pos: int | None = None
        self.is_short = False
        """Not so much is left of the day's allowance as was asked for."""
        self.is_over = False
        self._wish = wish
        self._codecs = codecs
        self._stage = stage
        self._patch = Patch(lambda values: stage.spawn(self._send_patch(values)))
        self._run = Run(0, 0)
        self._held_limit = 0
        self._late_splices = 0
        self._unanswered: list[tuple[Op, int]] = []
        self._finishing_ms: float | None = None
        self._is_on_stage = False

    @property
    def play(self) -> int:
        """The playhead."""
        return 0 if self.deck is None else self.deck.ring.play

    @property
    def buffered_frames(self) -> int:
        """What is here of the newest sound."""
        return max(0, self._run.end - self.play)

    @property
    def rate_hz(self) -> float | None:
        """How fast the sound pulses now, as the program has it."""
        if self.instance is None:
            return None
        modulation = self.instance.value["program"].get("modulation") or {}
        return value_at(modulation.get("rate_hz"), self.play / RATE_HZ)

    def heard(self) -> dict[str, int]:
        """What `hello.resume` says of it."""
        assert self.sid is not None
        return {"sid": self.sid, "have": self._run.end, "play": self.play, "epoch": self._run.epoch}

    # Opening

    async def open(self, replaced: int | None = None) -> None:
        """Open it, or go on with it where the server has forgotten; raises Refused or Lost."""
        request = wire.StreamOpen(
            id=0,
            kind="listen",
            codec_pref=list(self._codecs),
            play=self.play,
            limit=OPEN_FRAMES if self.instance is None else self._limit,
            restore=self._restoration(),
            replace=replaced,
            args={} if self.instance is not None else self._wish,
        )
        ready = cast("wire.StreamReady", await self._stage.ask(request))
        self.sid, self.session = ready.sid, ready.session
        if self.is_over:
            await self._stage.ask(wire.SessionFinish(id=0, sid=ready.sid, fade_ms=10))
            return
        self._begin(ready)

    def _restoration(self) -> dict[str, object] | None:
        if self.instance is None:
            return None
        return {"session": self.session, "instance": self.instance.value, "from": self._run.end}

    def _begin(self, ready: wire.StreamReady) -> None:
        self.end_pos = ready.end_pos
        envelope = Envelope(read_points(ready.gain_env))
        if self.deck is None:
            self._run = Run(ready.start_pos, ready.epoch)
            self._stage.horizon.open(ready.start_pos)
            self.instance = Instance(ready.instance)
            self.deck = Deck(ready.start_pos, self._run.ring_epoch, envelope, ready.rev, ready.end_pos)
            if self._patch.is_empty:
                self._enter()
        else:
            self._run.renumber(ready.epoch)
            with self._stage.output.lock:
                self.deck.set_envelope(envelope, ready.rev, ready.end_pos)
        wanted_s = cast("float", self._wish.get("duration_s", 0.0))
        self.is_short = ready.end_pos is not None and ready.end_pos < int(wanted_s * RATE_HZ)
        self._stage.tell(
            "opened", session=self.session, end_pos=ready.end_pos, marks=ready.marks, short=self.is_short
        )
        self._patch.open()
        self._repeat()
        self.flow()

    def _enter(self) -> None:
        """Sound, once the values that were wanted first are part of it: turned later they could come late."""
        if self.deck is not None and not self._is_on_stage and not self.is_over:
            self._is_on_stage = True
            self._stage.output.take_stage(self.deck)

    def leave(self) -> None:
        """Another one sounds from now on, or none."""
        self.is_over = True
        self._patch.close()

    # The line

    def hold(self) -> None:
        """The line is gone; what is here plays on."""
        self._patch.close()

    def take(self, message: wire.Message) -> None:
        """A message that names this stream."""
        if isinstance(message, wire.StreamResumed):
            self._learn(message.epoch, message.from_)
            self._take_envelope(message)
            self._patch.open()
            self.flow()
        elif isinstance(message, wire.StreamEnv):
            self._take_envelope(message)
        elif isinstance(message, wire.StreamBase) and self.instance is not None:
            self.instance.fold(message.entry)

    def packet(self, header: wire.PacketHeader, payload: memoryview) -> None:
        """Audio of this stream."""
        generation = self._run.generation(header.epoch)
        if generation is None or self.deck is None:
            return
        self._learn(generation, header.pos)
        if not self._run.add(header.pos, header.frames):
            self._stage.mend()
            return
        with self._stage.output.lock:
            self.deck.write(self._run.ring_epoch, header.pos, _samples(header, payload))

    def _learn(self, epoch: int, start: int) -> None:
        if self._run.learn(epoch, start) and self.deck is not None:
            with self._stage.output.lock:
                self.deck.learn(self._run.ring_epoch, start)

    def _take_envelope(self, message: wire.StreamEnv | wire.StreamResumed) -> None:
        entry = message.entry if isinstance(message, wire.StreamEnv) else None
        if entry is not None and self.instance is not None:
            self.instance.append(entry)
        self.end_pos = message.end_pos
        if self.deck is not None:
            with self._stage.output.lock:
                self.deck.set_envelope(Envelope(read_points(message.gain_env)), message.rev, message.end_pos)
        self._stage.tell("envelope", end_pos=message.end_pos)

    # What the person does

    def set(self, values: Mapping[str, float | str]) -> None:
        """Turn parameters."""
        self._patch.set(values)

    def glide(self, values: Mapping[str, float | str], ramp_ms: float) -> None:
        """Turn parameters slowly, with no hand on them."""
        if self.sid is not None:
            self._stage.spawn(self._send_patch(dict(values), ramp_ms=ramp_ms, is_gesture=False))

    def pause(self) -> None:
        """Ramp to silence at once; the server hears of it."""
        if self.deck is not None:
            with self._stage.output.lock:
                self.deck.pause()

    def resume(self) -> None:
        """Go on."""
        if self.deck is not None:
            with self._stage.output.lock:
                self.deck.resume()

    async def extend(self, duration_s: float) -> None:
        """Play longer; without a reply the old end stands."""
        try:
            await self._envelope(wire.SessionExtend(id=0, sid=self._sid, duration_s=duration_s))
        except Refused as refused:
            self._stage.tell("refused", code=refused.error.code, sentence=refused.error.msg)
        except Lost:
            return
        else:
            self._stage.tell("extended", end_pos=self.end_pos)

    async def finish(self, fade_ms: float) -> None:
        """Fade to the end; alone, where the server does not answer in time."""
        self._finishing_ms = fade_ms
        alone = asyncio.get_running_loop().call_later(_ANSWER_S, self.fade_alone, fade_ms)
        try:
            await self._envelope(wire.SessionFinish(id=0, sid=self._sid, fade_ms=fade_ms))
            alone.cancel()
            self._finishing_ms = None
        except Refused:
            self._finishing_ms = None
        except Lost:
            return  # it is asked again when the line is back, and the fade does not wait for that

    def fade_alone(self, fade_ms: float) -> None:
        """Fade and end without a word from the server."""
        if self.deck is not None:
            with self._stage.output.lock:
                self.deck.fade_alone(round(fade_ms * RATE_HZ / 1000))

    @property
    def _sid(self) -> int:
        assert self.sid is not None
        return self.sid

    async def _envelope(self, request: wire.SessionExtend | wire.SessionFinish) -> None:
        self._take_envelope(cast("wire.StreamEnv", await self._stage.ask(request)))

    async def _send_patch(self, values: Values, *, ramp_ms: float = 30, is_gesture: bool = True) -> None:
        self._stage.horizon.collapse()
        request = wire.ParamSet(
            id=0,
            sid=self._sid,
            p=values,
            ramp_ms=ramp_ms,
            gesture=is_gesture,
            play=self.play,
            limit=self._limit,
        )
        try:
            self._acknowledged(cast("wire.ParamAck", await self._stage.ask(request)))
        except Lost:
            self._patch.put_back(values)
            return
        except Refused as refused:
            if refused.error.code == "rate_limited":
                self._patch.put_back(values, (refused.error.retry_ms or 0) / 1000 or _RETRY_S)
                return
            self._stage.tell("refused", code=refused.error.code, sentence=refused.error.msg)
        self._enter()

    def _transport(self, op: Op, play: int) -> None:
        """Sent before anything else says that the playhead has moved on: its position is the change's own."""
        self._stage.horizon.collapse()
        request = wire.Transport(id=0, sid=self._sid, op=op, play=play, limit=self._limit)
        self._stage.spawn(self._await_transport(self._stage.ask(request), op, play))

    async def _await_transport(self, answer: asyncio.Future[wire.Message], op: Op, play: int) -> None:
        try:
            self._acknowledged(cast("wire.TransportAck", await answer))
        except Lost:
            self._unanswered.append((op, play))
        except Refused as refused:
            # a restored stream does not know of a pause before it; the entry of the pause says all there is
            if op != "play":
                self._stage.tell("refused", code=refused.error.code, sentence=refused.error.msg)

    def _acknowledged(self, ack: wire.ParamAck | wire.TransportAck) -> None:
        """Keep the entry of a change."""
        assert self.instance is not None
        self.instance.append(ack.entry)
        at = sounds_from(ack.entry)
        self._learn(ack.epoch, at - LOOKAHEAD_FRAMES)
        self._stage.tell("changed", at=at, entry=ack.entry)

    def _repeat(self) -> None:
        """Ask again for what a server never answered that is gone now."""
        unanswered, self._unanswered = self._unanswered, []
        for op, play in unanswered:
            self._transport(op, play)
        if self._finishing_ms is not None:
            self._stage.spawn(self.finish(self._finishing_ms))

    # What the sound card says

    def tick(self) -> tuple[Happening, ...]:
        """Report to the server; returns what the deck did since the last time."""
        deck = self.deck
        if deck is None:
            return ()
        with self._stage.output.lock:
            happened, deck.happenings = tuple(deck.happenings), []
            late_frames, deck.late_frames = deck.late_frames, 0
        self._stage.horizon.advance(deck.ring.play)
        self._late_splices += late_frames > 0
        for one in happened:
            if one.what == "pause":
                self._held_limit = one.pos + _PAUSE_ROOM_FRAMES
                self._transport("pause", one.pos)
            elif one.what == "rise":
                self._transport("play", one.pos)
        self.flow(late_frames)
        return happened

    def flow(self, late_frames: int = 0) -> None:
        """Credit for the server, and its clock."""
        deck = self.deck
        if self.sid is None or self.is_over or deck is None:
            return
        play = deck.ring.play
        self._stage.send(
            wire.Flow(
                sid=self.sid,
                play=play,
                have=max(self._run.end, play),
                limit=self._limit,
                underruns=deck.underruns,
                late_ms=late_frames * 1000 / RATE_HZ,
            )
        )
        self._stage.output.tick_frames = self._stage.horizon.tick_frames

    def send_played(self) -> None:
        """Statistics, every 15 s and at the end."""
        if self.sid is not None and self.deck is not None:
            self._stage.send(
                wire.Played(
                    sid=self.sid, play=self.play, underruns=self.deck.underruns, late=self._late_splices
                )
            )

    def farewell(self, message: wire.StreamEnv) -> None:
        """It was replaced and told where it ends: all of that was heard, so that its row can be closed."""
        if self.sid is not None and message.end_pos is not None:
            end, underruns = message.end_pos, 0 if self.deck is None else self.deck.underruns
            self._stage.send(wire.Flow(sid=self.sid, play=end, have=end, limit=end, underruns=underruns))

    @property
    def is_standing(self) -> bool:
        """Whether it has come to its end."""
        return self.deck is not None and self.deck.standing is Standing.ENDED

    @property
    def _limit(self) -> int:
        return max(self._stage.horizon.limit(self.play), self._held_limit)


def _samples(header: wire.PacketHeader, payload: memoryview) -> Samples:
    """(frames, 2) as float32: s16 / 32768, or f32 as it is."""
    if header.codec == "f32":
        return np.frombuffer(payload, "<f4").reshape(-1, 2)
    return (np.frombuffer(payload, "<i2").reshape(-1, 2) / _FULL_SCALE).astype(np.float32)
