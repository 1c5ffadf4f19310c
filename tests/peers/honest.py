"""An honest listener: the terminal's own player without a person, on a sound card that only counts."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.api import Api
from clients.desktop.audio.sinks import FrameClock
from clients.desktop.config import Config
from clients.desktop.errors import ListenerError
from clients.desktop.player import Player
from clients.desktop.wish import Timer, Tuning, make_wish
from tests.peers.ear import Ear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from clients.desktop.audio.ring import Samples
    from clients.desktop.presets import Preset

PERIOD_S: Final = 0.04
"""Of the sound cards."""
WATCH_S: Final = 0.1
FADE_S: Final = 1.0
INTENSITIES: Final = (1, 1, -1, -1)
"""How a listener who turns a knob turns it, again and again."""
DEEPEST_MS: Final = 10_000
DEEP_S: Final = 1.0
"""Before a listener has once had so much ahead, its horizon is growing."""


class Cards:
    """The sound cards of a whole crowd, one after the other, so that the loop goes on in between."""

    def __init__(self) -> None:
        self._pulls: list[Card] = []

    def card(self) -> Card:
        """One more."""
        return Card(self._pulls)

    async def run(self) -> None:
        """Ask for frames for ever."""
        while True:
            begun = time.monotonic()
            for card in tuple(self._pulls):
                card.turn()
                await asyncio.sleep(0)
            await asyncio.sleep(max(0.0, begun + PERIOD_S - time.monotonic()))


class Card:
    """One sound card."""

    def __init__(self, among: list[Card]) -> None:
        self.dropouts = 0
        self._among = among
        self._pull: Callable[[int], Samples] | None = None
        self._clock = FrameClock(0.0)

    def start(self, pull: Callable[[int], Samples]) -> None:
        self._pull, self._clock = pull, FrameClock(time.monotonic())
        self._among.append(self)

    async def stop(self) -> None:
        if self in self._among:
            self._among.remove(self)

    def turn(self) -> None:
        """Take what is due by now."""
        frames = self._clock.due(time.monotonic())
        if frames and self._pull is not None:
            self._pull(frames)


class Honest:
    """One listener and what it keeps of its listening."""

    def __init__(self, number: int, server: str, folder: Path, card: Card, presets: Sequence[Preset]) -> None:
        self.number = number
        self.ear = Ear(lambda: None if self.player.listening is None else self.player.listening.deck)
        self.sessions: list[str] = []
        """Acknowledged by `stream.ready`, in order."""
        self.events: list[tuple[int, int, str]] = []
        """(epoch, seq, type) as they came."""
        self.lines: list[tuple[float, str]] = []
        """(monotonic s, state) of the line."""
        self.entries: list[dict[str, Any]] = []
        """Everything that was ever in the timeline: the player itself folds what it has heard."""
        self.changes = 0
        """Knobs whose turning was acknowledged."""
        self.is_deep = False
        """Whether it may buffer as much as anybody."""
        self.failure = ""
        self.outcome = ""
        self.grown_pos: int | None = None
        """What was played when its horizon had grown."""
        self.lowest_s: float | None = None
        """The least that was ahead since it was last asked, once its horizon had grown."""
        self._turning: asyncio.Task[None] | None = None
        self._card = card
        self._presets = presets
        self._api = Api(server, None, Config(folder / f"listener-{number}.json"), server)
        self._player: Player | None = None

    @property
    def player(self) -> Player:
        assert self._player is not None
        return self._player

    @property
    def token(self) -> str | None:
        """Who it is."""
        return self._api.config.token_of(self._api.name)

    async def listen(self, preset: Preset, duration_s: float, buffer_ms: int, turns_s: float | None) -> None:
        """Listen until it is over; what goes wrong is remembered."""
        wish = make_wish(preset, Tuning(), Timer(duration_s), FADE_S)
        self._player = Player(
            self._api, self._card, self._presets, self._tell, listeners=(self.ear,), buffer_ms=buffer_ms
        )
        self.is_deep = buffer_ms >= DEEPEST_MS
        tasks = [asyncio.create_task(self._watch(buffer_ms / 1000))]
        if turns_s is not None:
            self._turning = asyncio.create_task(self._turn(turns_s))
            tasks.append(self._turning)
        try:
            self.outcome = (await self.player.play(wish)).reason
        except* ListenerError as errors:
            self.failure = "; ".join(f"{type(one).__name__}: {one}" for one in errors.exceptions)
        finally:
            for task in tasks:
                task.cancel()

    def rest(self) -> None:
        """Turn nothing any more."""
        if self._turning is not None:
            self._turning.cancel()

    def books(self) -> dict[str, Any]:
        """What is to be known of it in the course of a run; begins a new watch of what is ahead."""
        lowest_s, self.lowest_s = self.lowest_s, None
        player = self._player
        listening = None if player is None else player.listening
        return {
            "number": self.number,
            "underruns": 0 if player is None else player.underruns,
            "lowest_s": lowest_s,
            "ahead_s": 0.0 if listening is None else listening.buffered_frames / 48_000,
            "line": "closed" if player is None else player.line.line,
            "is_steady": self._turning is None,
            "is_moving": listening is not None and listening.deck is not None and listening.deck.is_moving,
            "frames": self.ear.frames,
            "sessions": len(self.sessions),
            "failure": self.failure,
            "outcome": self.outcome,
        }

    def report(self) -> dict[str, Any]:
        """Everything that another process needs to judge what was heard."""
        listening = None if self._player is None else self._player.listening
        instance = None if listening is None else listening.instance
        return {
            **self.books(),
            "token": self.token,
            "instance": None if instance is None else instance.value,
            "entries": self.entries,
            "deep": self.is_deep,
            "grown_pos": self.grown_pos,
            "run_end": 0 if listening is None else listening._run.end,
            "sums": self.ear.sums,
            "breaks": self.ear.breaks,
            "kept": self.ear.kept,
            "happened": self.ear.happened,
            "fallback": sorted(self.ear.fallback),
            "sessions": self.sessions,
            "events": self.events,
            "lines": self.lines,
            "changes": self.changes,
        }

    def _tell(self, what: str, facts: dict[str, object]) -> None:
        self._note_entries()
        if what == "opened":
            self.sessions.append(str(facts["session"]))
        elif what == "event":
            cursor = self.player._cursor or {}
            self.events.append((cursor["epoch"], cursor["after"], str(facts["type"])))
        elif what == "line":
            self.lines.append((time.monotonic(), str(facts["line"])))
        elif what == "changed":
            self.changes += 1
        elif what in {"refused", "notice"}:
            self.lines.append((time.monotonic(), f"{what} {facts['code']}"))

    def _note_entries(self) -> None:
        listening = None if self._player is None else self._player.listening
        if listening is not None and listening.instance is not None:
            for entry in listening.instance.value["timeline"]:
                if entry["kind"] != "base" and entry not in self.entries:
                    self.entries.append(dict(entry))

    async def _watch(self, deepest_s: float) -> None:
        """How little was ahead."""
        enough_s = min(DEEP_S, deepest_s / 2)
        while True:
            await asyncio.sleep(WATCH_S)
            self._note_entries()
            listening = self.player.listening
            if listening is None or listening.deck is None:
                continue
            ahead_s = listening.deck.ring.left / 48_000
            if self.grown_pos is None and ahead_s >= enough_s:
                self.grown_pos = listening.play
            if self.grown_pos is not None:
                self.lowest_s = ahead_s if self.lowest_s is None else min(self.lowest_s, ahead_s)

    async def _turn(self, every_s: float) -> None:
        """Turn Intensity up and down."""
        turned = 0
        while True:
            await asyncio.sleep(every_s)
            self.player.turn_intensity(INTENSITIES[turned % len(INTENSITIES)])
            turned += 1
