"""Plays: one line, one listening after another, one way out; what a person can do while it sounds."""

from __future__ import annotations

import asyncio
import datetime as dt
import platform
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from clients.desktop.audio.deck import Standing
from clients.desktop.audio.output import Output
from clients.desktop.errors import ListenerError, OtherVersion
from clients.desktop.favourites import Favourites
from clients.desktop.net.horizon import Horizon
from clients.desktop.net.link import Link, LinkState
from clients.desktop.net.listening import Listening
from clients.desktop.net.requests import Lost, Refused
from clients.desktop.refusals import elsewhere, refusal
from clients.desktop.wish import RATE_HZ, Tuning, Wish, make_wish
from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from clients.desktop.api import Api
    from clients.desktop.audio.output import Listener
    from clients.desktop.audio.sinks import Sink
    from clients.desktop.presets import Preset
    from clients.desktop.refusals import Elsewhere

INTENSITY_STEPS: Final = (0, 20, 32, 45, 60, 75, 100)
VOLUME_STEP: Final = 5
EXTENSION_S: Final = 300.0
_QUIT_FADE_MS: Final = 300
_PART_RAMP_MS: Final = 2_000
_PLAYED_EVERY_S: Final = 15.0
_LEAST_TICK_S: Final = 0.02
"""The server takes sixty reports a second."""
_FAREWELL_S: Final = 2.0
"""How long the end waits for the server's word about it."""
_UNTIL_SLACK_S: Final = 2.0

News = dict[str, object]
TakesOver = Literal["no", "if asked", "yes"]
"""What happens when sound is playing on another device."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    reason: str
    """`completed`, `stopped`, `limit_reached`, `taken` …, as the server says it."""
    heard_s: float
    underruns: int
    late: int = 0
    """Times that a change came too late, so that something was heard which no instance knows of."""


class Player:
    """Owner of the link and stage of the listening."""

    def __init__(
        self,
        api: Api,
        sink: Sink,
        presets: Sequence[Preset],
        tell: Callable[[str, News], None],
        *,
        listeners: tuple[Listener, ...] = (),
        is_exact: bool = False,
        buffer_ms: int = 10_000,
        takes_over: TakesOver = "no",
    ) -> None:
        self.output = Output(self._tick_from_card, listeners)
        self.horizon = Horizon(buffer_ms * RATE_HZ // 1000)
        self.link = Link(api.socket_url, platform.node() or "a terminal", self)
        self.line = LinkState("connecting", 0, None)
        self.listening: Listening | None = None
        self.wish: Wish | None = None
        self.part = ""
        self.elsewhere: Elsewhere | None = None
        """What the person is asked about: whether it shall end there and sound here."""
        self.favourites = Favourites(api, self.tell)
        self._api = api
        self._sink = sink
        self._presets = presets
        self._tell = tell
        self._codecs = ("f32", "s16") if is_exact else ("s16", "f32")
        self._takes_over = takes_over
        self._loop = asyncio.get_running_loop()
        self._group: asyncio.TaskGroup | None = None
        self._leaving: dict[int, Listening] = {}
        self._done = asyncio.Event()
        self._outcome: Outcome | None = None
        self._failure: ListenerError | None = None
        self._is_quitting = False
        self._ticked_at = 0.0
        self._cursor: dict[str, int] | None = None

    async def play(self, wish: Wish) -> Outcome:
        """Play until it ends, or until somebody quits; raises ListenerError."""
        self._sink.start(self.output.pull)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                tasks = [group.create_task(self._keep_line()), group.create_task(self._keep_statistics())]
                self.begin(wish)
                await self._done.wait()
                if self.listening is not None:
                    self.listening.send_played()
                await self.link.leave()
                for task in tasks:
                    task.cancel()
        finally:
            await self._sink.stop()
        self._tick()
        if self._failure is not None:
            raise self._failure
        return self._outcome or self._ended_here("stopped")

    # What the person does

    def begin(self, wish: Wish) -> None:
        """Another listening; what sounds now falls away beside it."""
        former, self.wish, self.part = self.listening, wish, ""
        self.listening = Listening(wish.args(), self._codecs, self)
        self.listening.set(wish.values)
        if former is not None:
            former.leave()
            self.output.take_stage(None)
            if former.sid is not None:
                self._leaving[former.sid] = former
        if self.link.is_welcome:
            self.spawn(self._open(self.listening, None if former is None else former.sid))

    def toggle(self) -> None:
        """Pause, or go on."""
        self.resume() if self.standing is Standing.PAUSED else self.pause()

    def pause(self) -> None:
        """Stand still after a ramp."""
        if self.listening is not None:
            self.listening.pause()

    def resume(self) -> None:
        """Go on."""
        if self.listening is not None:
            self.listening.resume()

    def turn_volume(self, per_cent: int) -> None:
        """So much louder."""
        self.output.volume = min(100, max(0, self.output.volume + per_cent))
        self.output.is_muted = False
        self.tell("volume", volume=self.output.volume)

    def mute(self) -> None:
        """Silence that plays on, or sound again."""
        self.output.is_muted = not self.output.is_muted
        self.tell("muted" if self.output.is_muted else "unmuted", volume=self.output.volume)

    def turn_intensity(self, direction: int) -> None:
        """The next step up or down."""
        if self.wish is None or self.listening is None:
            return
        now = self.wish.intensity
        beyond = [step for step in INTENSITY_STEPS if (step - now) * direction > 0]
        if not beyond:
            return
        step = min(beyond, key=lambda one: abs(one - now))
        self.wish = replace(self.wish, intensity=step)
        self.listening.set(self.wish.preset.values(self.wish.method, step))
        self.tell("intensity", intensity=step)

    def next_preset(self) -> None:
        """The next in the server's order, at its own length."""
        if self.wish is None:
            return
        at = self._presets.index(self.wish.preset)
        preset = self._presets[(at + 1) % len(self._presets)]
        self.begin(make_wish(preset, Tuning(), None, self.wish.fade_s))

    def love(self) -> None:
        """Make what plays a favourite, or no longer."""
        if self.wish is not None:
            self.spawn(self.favourites.toggle(self.wish.preset.id, self.wish.preset.title))

    def take_over(self) -> None:
        """Play here what was asked for; the other device falls silent."""
        if self.elsewhere is not None and self.listening is not None:
            self.spawn(self._take_over(self.elsewhere, self.listening))
            self.elsewhere = None

    def extend(self) -> None:
        """Five minutes more."""
        if self.listening is not None and self.listening.sid is not None:
            self.spawn(self.listening.extend(EXTENSION_S))

    def quit(self) -> None:
        """Fade and end; the second time, or where nothing sounds, at once."""
        listening = self.listening
        if self._is_quitting or self.output.is_silent or listening is None:
            self._done.set()
        elif self.link.is_welcome:
            self.spawn(listening.finish(_QUIT_FADE_MS))
        else:
            listening.fade_alone(_QUIT_FADE_MS)
        self._is_quitting = True

    @property
    def standing(self) -> Standing:
        """Whether it moves, or is about to, and why not."""
        deck = None if self.listening is None else self.listening.deck
        if deck is None:
            return Standing.WAITING
        return Standing.PAUSED if deck.is_pausing else deck.standing

    @property
    def underruns(self) -> int:
        """Times that there was nothing to play, or nobody to hand it over."""
        deck = None if self.listening is None else self.listening.deck
        return self._sink.dropouts + (0 if deck is None else deck.underruns)

    @property
    def detours(self) -> int:
        """Times that a change was heard late."""
        deck = None if self.listening is None else self.listening.deck
        return 0 if deck is None else deck.detours

    # The stage of the listening

    def ask(self, request: wire.Request) -> asyncio.Future[wire.Message]:
        """Ask the server."""
        return self.link.ask(request)

    def send(self, message: wire.Message) -> None:
        """Tell the server."""
        self.link.send(message)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it run beside, for as long as there is a player."""
        assert self._group is not None
        self._group.create_task(work)

    def mend(self) -> None:
        """Come back to where the run ends."""
        self.link.again()

    def tell(self, what: str, **facts: object) -> None:
        """News for whoever watches."""
        self._tell(what, facts)

    # The owner of the link

    async def ticket(self) -> str:
        """A fresh ticket."""
        return await self._api.ticket()

    @property
    def is_buffered(self) -> bool:
        """Whether something is left to play."""
        return self.listening is not None and self.listening.buffered_frames > 0

    def heard(self) -> Mapping[str, object]:
        """What is here of streams and events."""
        is_open = self.listening is not None and self.listening.sid is not None
        streams = [self.listening.heard()] if is_open and self.listening is not None else []
        return {"streams": streams, **({} if self._cursor is None else {"events": self._cursor})}

    def welcomed(self, welcome: wire.Welcome, *, is_resumed: bool) -> None:
        """Open what is wanted; a resumed line has it already."""
        del welcome
        if is_resumed:
            return
        self._leaving.clear()
        self.spawn(self._follow())
        self.spawn(self.favourites.fetch())
        if self.listening is not None:
            self.spawn(self._open(self.listening, None))

    def message(self, message: wire.Message) -> None:
        """Events, notices, and news of streams."""
        if isinstance(message, wire.Event):
            self._cursor = {"epoch": message.epoch, "after": message.seq}
            self.tell("event", type=message.type, data=message.data)
        elif isinstance(message, wire.Notice | wire.Error):
            self.tell("notice", code=message.code, sentence=message.msg)
        elif (sid := getattr(message, "sid", None)) is not None:
            self._stream_message(sid, message)

    def packet(self, header: wire.PacketHeader, payload: memoryview) -> None:
        """Audio, of the present listening."""
        if self.listening is not None and self.listening.sid == header.sid:
            self.listening.packet(header, payload)

    def line_changed(self, state: LinkState) -> None:
        """Play on from what is here."""
        if self.listening is not None and state.line != "connected":
            self.listening.hold()
        is_news = state.line != self.line.line
        self.line = state
        if is_news:
            self.tell("line", line=state.line, attempt=state.attempt)

    # Inside

    def _stream_message(self, sid: int, message: wire.Message) -> None:
        listening = self.listening
        left = self._leaving.get(sid)
        if left is not None and isinstance(message, wire.StreamEnv):
            left.farewell(message)
        elif listening is not None and listening.sid == sid:
            listening.take(message)
        if isinstance(message, wire.StreamEnd):
            self._leaving.pop(sid, None)
            if listening is not None and listening.sid == sid:
                reason = "taken" if message.by else message.reason
                self._end(Outcome(reason, message.heard_s, self.underruns, self.detours))

    async def _open(self, listening: Listening, replaced: int | None) -> None:
        try:
            await listening.open(replaced)
        except Lost:
            return  # it is opened again when the line is back
        except Refused as refused:
            if listening is self.listening:
                self._refused(refused.error)

    def _refused(self, error: wire.Error) -> None:
        """It cannot be opened, unless the person wants the sound of another device to end."""
        self.elsewhere = elsewhere(error)
        if self.elsewhere is None or self._takes_over == "no":
            self._fail(refusal(error))
        elif self._takes_over == "yes":
            self.take_over()
        else:
            self.tell("elsewhere", device=self.elsewhere.device)

    async def _take_over(self, there: Elsewhere, wanted: Listening) -> None:
        """The session comes here, where nobody hears it, and is replaced by what is wanted."""
        taken = Listening({}, self._codecs, self)
        taken.leave()
        request = wire.StreamOpen(
            id=0, kind="listen", codec_pref=list(self._codecs), play=0, limit=0, take=there.session
        )
        try:
            ready = cast("wire.StreamReady", await self.ask(request))
        except Lost:
            return  # the new line opens what is wanted, and is refused again
        except Refused:
            await self._open(wanted, None)  # it has ended by itself
            return
        taken.sid = ready.sid
        self._leaving[ready.sid] = taken
        await self._open(wanted, ready.sid)

    async def _follow(self) -> None:
        """Follow the event log from where it was left."""
        try:
            state = await self.ask(wire.EventsSub(id=0, topics=["listen"], after=self._cursor))
        except (Lost, Refused):
            return  # sound does not depend on events
        if isinstance(state, wire.EventsState) and not state.recovered:  # else the rest follows
            self._cursor = {"epoch": state.epoch, "after": state.head}

    async def _keep_line(self) -> None:
        """The line, until it is closed for good."""
        try:
            await self.link.run()
        except ListenerError as error:
            self._fail(error)
            return
        if self.line.line == "superseded":
            self._end(self._ended_here("taken"))
        elif self.line.error is not None:
            self._fail(refusal(self.line.error))
        elif self.line.line == "closed":
            self._fail(OtherVersion("The server closed the line for good and did not say why."))

    async def _keep_statistics(self) -> None:
        while True:
            await asyncio.sleep(_PLAYED_EVERY_S)
            if self.listening is not None:
                self.listening.send_played()

    def _tick_from_card(self) -> None:
        """On the card's thread; a card without a clock would flood the server."""
        now = time.monotonic()
        if now - self._ticked_at >= _LEAST_TICK_S:
            self._ticked_at = now
            self._loop.call_soon_threadsafe(self._tick)

    def _tick(self) -> None:
        """What the sound card's clock brings: credit, what the deck did, parts that begin, the end."""
        listening = self.listening
        if listening is None:
            return
        self.horizon.way_frames = round((self.link.round_trip.smoothed_s or 0.0) * RATE_HZ)
        for happened in listening.tick():
            if happened.what in {"start", "pause"}:
                self.tell("playing" if happened.what == "start" else "paused", pos=happened.pos)
            elif happened.what == "stand" and happened.standing is Standing.ENDED:
                wait_s = _FAREWELL_S if self.link.is_welcome else 0.0
                self._loop.call_later(wait_s, self._end_of, listening)
        self._turn_part(listening)
        self._keep_time(listening)

    def _turn_part(self, listening: Listening) -> None:
        """Work or rest begins."""
        if self.wish is None or listening.deck is None:
            return
        begun = [part for part in self.wish.parts if part.start <= listening.play]
        if begun and begun[-1].name != self.part:
            self.part = begun[-1].name
            if len(begun) > 1:  # the first has the preset's own values
                listening.glide(begun[-1].values, _PART_RAMP_MS)
            self.tell("part", part=self.part)

    def _keep_time(self, listening: Listening) -> None:
        """An end by the time of day is ours: pauses have moved the end of the sound behind it."""
        until = None if self.wish is None else self.wish.timer.until
        if until is None or self._is_quitting or self.wish is None or listening.end_pos is None:
            return
        left_s = (until - dt.datetime.now(until.tzinfo)).total_seconds()
        sounding_s = (listening.end_pos - listening.play) / RATE_HZ
        if left_s <= self.wish.fade_s and sounding_s > left_s + _UNTIL_SLACK_S:
            self._is_quitting = True
            self.spawn(listening.finish(max(10.0, self.wish.fade_s * 1000)))

    def _end_of(self, listening: Listening) -> None:
        """The sound is over and the server has not said so."""
        if listening is self.listening:
            by_itself = "limit_reached" if listening.is_short else "completed"
            self._end(self._ended_here("stopped" if self._is_quitting else by_itself))

    def _ended_here(self, reason: str) -> Outcome:
        deck = None if self.listening is None else self.listening.deck
        heard_s = 0.0 if deck is None else deck.played / RATE_HZ
        return Outcome(reason, heard_s, self.underruns, self.detours)

    def _end(self, outcome: Outcome) -> None:
        if not self._done.is_set():
            self._outcome = outcome
            self._done.set()

    def _fail(self, error: ListenerError) -> None:
        if not self._done.is_set():
            self._failure = error
            self._done.set()
