"""Keeps programs running: starts again what dies, and ends everything in order when it is told to stop."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from server.kit import children

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from server.kit.children import Program

_STOPPING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_DELAYS_S: Final = (0.0, 1.0, 2.0, 5.0)
_STEADY_S: Final = 10.0
_POLL_S: Final = 0.01
_IDLE_S: Final = 3600.0


class Stopped(Exception):  # noqa: N818 - somebody asked for it, so it is no error
    """The supervisor was asked to stop (Ctrl-C, SIGTERM, or the terminal was closed)."""


@dataclass(slots=True)
class _Kept:
    """A program with its present process, or the time at which it is due to be started."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0
    started: float = 0.0
    deaths: int = 0


@dataclass(slots=True)
class Supervisor:
    """A single-threaded loop over signals; children die with the thread that spawned them."""

    _groups: list[list[_Kept]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Take the signals: from here on they wait for `watch`."""
        signal.pthread_sigmask(signal.SIG_BLOCK, (*_STOPPING, signal.SIGCHLD))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the groups, latest first."""
        for group in reversed(self._groups):
            children.end([(kept.program, kept.process) for kept in group if kept.process])

    def keep(self, *programs: Program) -> None:
        """Start a group of programs, and each of them again whenever it ends."""
        group = [_Kept(program) for program in programs]
        self._groups.append(group)
        for kept in group:
            _start(kept)

    def watch(self, until: Callable[[], bool] | None = None, *, poll_s: float = _POLL_S) -> None:
        """Keep all running until `until()`, asked every `poll_s`, is true; raise Stopped when told to."""
        while until is None or not until():
            now = time.monotonic()
            pending = [kept.due - now for kept in self._kept() if kept.process is None]
            wait_s = min([_IDLE_S if until is None else poll_s, *pending])
            got = signal.sigtimedwait((*_STOPPING, signal.SIGCHLD), max(0.0, wait_s))
            if got and got.si_signo in _STOPPING:
                raise Stopped
            for kept in self._kept():
                _look_after(kept)

    def restart(self, *programs: Program) -> None:
        """Ask `programs` to end; `watch` starts them again at once."""
        for kept in self._kept():
            if kept.program in programs and kept.process:
                kept.deaths = 0
                kept.process.send_signal(kept.program.ask)

    def _kept(self) -> Iterator[_Kept]:
        return (kept for group in self._groups for kept in group)


def _look_after(kept: _Kept) -> None:
    """Notice that a program ended, and start it (again) when its time has come."""
    now = time.monotonic()
    if kept.process and kept.process.poll() is not None:
        if now - kept.started >= _STEADY_S:
            kept.deaths = 0
        delay_s = _DELAYS_S[min(kept.deaths, len(_DELAYS_S) - 1)]
        how, when = _how(kept.process.returncode), f"in {delay_s:g} s" if delay_s else "at once"
        sys.stderr.write(f"{kept.program.name} ended ({how}); starting it again {when}.\n")
        kept.process, kept.due, kept.deaths = None, now + delay_s, kept.deaths + 1
    if kept.process is None and kept.due <= now:
        _start(kept)


def _start(kept: _Kept) -> None:
    kept.process = kept.program.start()
    kept.started = time.monotonic()


def _how(returncode: int) -> str:
    return f"exit {returncode}" if returncode >= 0 else signal.Signals(-returncode).name
