"""Child processes that end with their parent, and how they are ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from server.kit.service_user import ServiceUser

_PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Program:
    """Something that is to be running: how it is started, and how it is brought to its end."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    ask: signal.Signals = signal.SIGTERM
    insist: signal.Signals = signal.SIGKILL
    within_s: float = 10.0
    """How long it may take after being asked, and again after `insist`, before it is killed."""


def spawn(
    argv: Sequence[str],
    *,
    user: ServiceUser | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process that the kernel signals when this one dies; call it from the main thread only.

    `user` is whom it runs as (None: whoever we are), `output` takes both of its streams. It gets a session of
    its own, so that Ctrl-C in the terminal reaches the parent alone, which then stops children in order.
    """
    return subprocess.Popen(  # noqa: S603 - only our own programs are started here
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=_bind_to_parent(os.getpid(), user, death_signal),  # noqa: PLW1509 - parents are single-threaded
    )


def _bind_to_parent(parent: int, user: ServiceUser | None, death_signal: int) -> Callable[[], None]:
    """What runs in the child between fork and exec."""

    def bind() -> None:  # pragma: no cover - exec follows before anything could be reported
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if user:
            os.setgroups([])
            os.setgid(user.gid)
            os.setuid(user.uid)
        # After dropping privileges, because setuid clears it; then the parent may already have gone.
        if _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) or os.getppid() != parent:
            os._exit(1)

    return bind


def end(running: Sequence[tuple[Program, subprocess.Popen[bytes]]]) -> None:
    """End programs side by side: ask each, insist when it does not hear, and kill it at last."""
    for program, process in running:
        process.send_signal(program.ask)
    for program, process in running:
        for harder in (program.insist, signal.SIGKILL):
            try:
                process.wait(program.within_s)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(harder)
        process.wait()
