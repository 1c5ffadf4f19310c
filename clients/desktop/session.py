"""One command that plays: the player with its screen or report, its keys, signals and control socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.audio.device import DeviceSink
from clients.desktop.audio.meter import Meter
from clients.desktop.audio.recording import Recording
from clients.desktop.audio.sinks import NullSink
from clients.desktop.config import control_folder
from clients.desktop.control import controlled
from clients.desktop.errors import INTERRUPTED, Misuse, NothingLeft
from clients.desktop.player import VOLUME_STEP, Outcome, Player
from clients.desktop.screen.terminal import Terminal
from clients.desktop.screen.view import State, Style, lines
from clients.desktop.screen.words import sentence, summary
from clients.desktop.wish import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from clients.desktop.api import Api
    from clients.desktop.presets import Preset
    from clients.desktop.screen.report import Report
    from clients.desktop.wish import Wish

_DRAW_EVERY_S: Final = 0.1
_MESSAGE_S: Final = 4.0
_SPECTRUM_BARS: Final = 40
_SEEN: Final = {"playing", "paused"}
"""News that the picture tells anyway."""
_DOWN_S: Final = 0.4
"""A pause is silent after so long."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How it is played and shown."""

    device: str | None
    is_null: bool
    record: Path | None
    buffer_ms: int
    volume: int
    style: Style
    report: Report | None
    """None where there is a screen."""
    takes_over: bool = False
    """From another device, without a question."""
    is_detached: bool = False
    """It plays on when its terminal is closed."""


@dataclass(slots=True)
class Session:
    """From the first sound to the last line."""

    api: Api
    presets: Sequence[Preset]
    setup: Setup
    meter: Meter = field(default_factory=Meter)
    shows_keys: bool = False
    is_interrupted: bool = False
    _message: str = ""
    _message_until: float = 0.0
    _player: Player | None = None
    _terminal: Terminal | None = None
    _drawing: asyncio.Task[None] | None = None

    async def run(self, wish: Wish) -> int:
        """Play, and return the exit status; raises ListenerError."""
        setup = self.setup
        sink = NullSink() if setup.is_null else DeviceSink(setup.device)
        recording = None if setup.record is None else Recording(setup.record)
        listeners = (self.meter,) if recording is None else (self.meter, recording)
        player = self._player = Player(
            self.api,
            sink,
            self.presets,
            self._news,
            listeners=listeners,
            is_exact=recording is not None,
            buffer_ms=setup.buffer_ms,
            takes_over="yes" if setup.takes_over else "if asked" if setup.report is None else "no",
        )
        player.output.volume = setup.volume
        async with contextlib.AsyncExitStack() as stack:
            if recording is not None:
                stack.callback(_keep_recording, recording, player)
                self._news("recording", {"path": str(recording.path)})
                stack.push_async_callback(_ended, asyncio.create_task(_flush(recording)))
            await stack.enter_async_context(controlled(control_folder(), self._obey))
            stack.callback(_restore_signals, self._take_signals())
            if setup.report is None:
                self._terminal = stack.enter_context(Terminal(sys.stdin, sys.stdout, self._pressed))
                self._drawing = asyncio.create_task(self._keep_drawing(self._terminal))
                stack.push_async_callback(_ended, self._drawing)
            outcome = await player.play(wish)
        self.api.config.keep_last(self._wish(wish).preset.id, player.output.volume)
        return self._close(self._wish(wish), outcome)

    # Signals

    def _take_signals(self) -> list[signal.Signals]:
        loop, player = asyncio.get_running_loop(), self._known
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGTERM, player.quit)
        loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        return [signal.SIGINT, signal.SIGTERM, signal.SIGTSTP, signal.SIGHUP]

    def _interrupt(self) -> None:
        self.is_interrupted = True
        self._known.quit()

    def _hang_up(self) -> None:
        """The terminal is gone: no key comes any more, and what is told goes nowhere."""
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if self._drawing is not None:
            self._drawing.cancel()
        if self._terminal is not None:
            self._terminal.lose()
        if not self.setup.is_detached:
            self._known.quit()

    def _suspend(self) -> None:
        """Ctrl-Z: silence first, then stop; `fg` goes on."""
        self._known.pause()
        asyncio.get_running_loop().call_later(_DOWN_S, self._stop_process)

    def _stop_process(self) -> None:
        if self._terminal is not None:
            self._terminal.give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        if self._terminal is not None:
            self._terminal.take()
        self._known.resume()

    # Keys and commands

    def _pressed(self, key: str) -> None:
        player = self._known
        actions: dict[str, Callable[[], None]] = {
            "space": player.toggle,
            "up": lambda: player.turn_volume(VOLUME_STEP),
            "down": lambda: player.turn_volume(-VOLUME_STEP),
            "right": lambda: player.turn_intensity(1),
            "left": lambda: player.turn_intensity(-1),
            "n": player.next_preset,
            "m": player.mute,
            "f": player.love,
            "t": player.extend,
            "y": player.take_over,
            "?": self._toggle_keys,
            "q": player.quit,
        }
        if key in actions:
            actions[key]()

    def _toggle_keys(self) -> None:
        self.shows_keys = not self.shows_keys

    def _obey(self, do: str, value: str) -> dict[str, Any]:
        """A command from `soundwell ctl`; raises Misuse."""
        player = self._known
        if do == "vol":
            player.turn_volume(_volume_step(value, player.output.volume))
        elif do != "status":
            commands = {"pause": player.pause, "resume": player.resume, "toggle": player.toggle}
            commands = {**commands, "stop": player.quit}
            if do not in commands:
                raise Misuse(f'"{do}" is no command.')
            commands[do]()
        state = self.state()
        return {
            "title": state.title,
            "favourite": state.is_favourite,
            "standing": state.standing,
            "line": state.line,
            "played_s": round(state.played_s, 1),
            "total_s": state.total_s,
            "buffered_s": round(state.buffered_s, 1),
            "dropouts": state.dropouts,
            "volume": state.volume,
            "intensity": state.intensity,
            "method": state.method,
            "part": state.part,
        }

    # What is shown

    def state(self) -> State:
        """What there is to be seen now."""
        player = self._known
        wish, listening = player.wish, player.listening
        assert wish is not None
        assert listening is not None
        return State(
            title=wish.preset.title,
            method=wish.method,
            rate_hz=listening.rate_hz,
            intensity=wish.intensity,
            standing=player.standing.value,
            line=player.line.line,
            attempt=player.line.attempt,
            played_s=listening.play / RATE_HZ,
            total_s=None if listening.end_pos is None else listening.end_pos / RATE_HZ,
            buffered_s=listening.buffered_frames / RATE_HZ,
            dropouts=player.underruns,
            volume=player.output.volume,
            is_muted=player.output.is_muted,
            is_favourite=player.favourites.has(wish.preset.id),
            part=player.part,
            reading=self.meter.read(),
            spectrum_db=self._spectrum(),
            message=self._message if asyncio.get_running_loop().time() < self._message_until else "",
            question=""
            if player.elsewhere is None
            else f"Sound is playing on {player.elsewhere.device}. y: play here instead  q: leave it",
        )

    def _spectrum(self) -> tuple[float, ...]:
        is_shown = self.setup.style.meter == "spectrum"
        return self.meter.spectrum_db(_SPECTRUM_BARS) if is_shown else ()

    def _news(self, what: str, facts: dict[str, object]) -> None:
        if self.setup.report is not None:
            self.setup.report.news(what, facts)
        elif what not in _SEEN and (text := sentence(what, facts)):
            self._message, self._message_until = text, asyncio.get_running_loop().time() + _MESSAGE_S

    async def _keep_drawing(self, terminal: Terminal) -> None:
        """At most ten pictures a second; a slow terminal gets fewer, the sound does not wait for it."""
        style = self.setup.style
        while True:
            now = Style(terminal.width, style.meter, style.is_ascii, style.has_colour, self.shows_keys)
            terminal.draw(lines(self.state(), now))
            await asyncio.sleep(_DRAW_EVERY_S)

    def _close(self, wish: Wish, outcome: Outcome) -> int:
        """The last line, and the status."""
        text = summary(wish.preset.title, outcome)
        facts = {
            "reason": outcome.reason,
            "preset": wish.preset.id,
            "heard_s": outcome.heard_s,
            "dropouts": outcome.underruns,
            "late": outcome.late,
        }
        if self.setup.report is None:
            sys.stdout.write(f"{text}\n")
        else:
            self.setup.report.summary(text, facts)
        if outcome.reason == "limit_reached":
            raise NothingLeft("Today's free minutes are used; they come again at midnight (UTC for guests).")
        return INTERRUPTED if self.is_interrupted else 0

    @property
    def _known(self) -> Player:
        assert self._player is not None
        return self._player

    def _wish(self, first: Wish) -> Wish:
        return self._known.wish or first


def _volume_step(text: str, now: int) -> int:
    """+5, -10 or 40, as a step."""
    sign, digits = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    if not digits.isdigit() or int(digits) > 100:
        raise Misuse(f'"{text}" is no volume: say +5, -10 or 40.')
    return int(digits) - now if not sign else int(sign + digits)


async def _flush(recording: Recording) -> None:
    while True:
        await asyncio.sleep(_DRAW_EVERY_S)
        recording.flush()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _keep_recording(recording: Recording, player: Player) -> None:
    """The recording, and beside it what any machine needs to make it again."""
    recording.close()
    if player.listening is not None and player.listening.instance is not None:
        instance = json.dumps(player.listening.instance.value)
        recording.path.with_suffix(".json").write_text(f"{instance}\n")


def _restore_signals(taken: list[signal.Signals]) -> None:
    for one in taken:
        asyncio.get_running_loop().remove_signal_handler(one)
