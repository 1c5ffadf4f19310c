"""Child processes that end with their parent, and programs that are kept running."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from server.kit.service_user import ServiceUser

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


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

    def bind() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if user:
            os.setgroups([])
            os.setgid(user.gid)
            os.setuid(user.uid)
        # After dropping privileges, because setuid clears it; then the parent may already have gone.
        if _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) or os.getppid() != parent:
            os._exit(1)

    return bind


def stop(
    process: subprocess.Popen[bytes],
    ask: signal.Signals,
    *,
    within_s: float,
    insist: signal.Signals = signal.SIGKILL,
) -> None:
    """Ask a child to end; after `within_s` insist, and then kill it."""
    for kind in (ask, insist, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(kind)
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
