"""A server of our own, as a child: nothing of it is imported, it is started as a person would."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Final

from clients.desktop.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_READY: Final = "Soundwell is ready at "
_START_S: Final = 60.0
_END_S: Final = 15.0
_PR_SET_PDEATHSIG: Final = 1


@contextlib.contextmanager
def serving(arguments: Sequence[str] = ("--port", "0")) -> Generator[str]:
    """Start a server and yield its address; it ends with the block, or with us. Raises Unreachable."""
    process = subprocess.Popen(  # noqa: S603 - only our own program is started here
        [sys.executable, "-m", "server", "serve", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for the listener, who then ends it
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no thread runs yet
    )
    assert process.stdout is not None
    draining = threading.Thread(target=process.stdout.read, daemon=True)
    try:
        address = _await_address(process.stdout)
        draining.start()
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if draining.is_alive():
            draining.join()
        process.stdout.close()


def run_server(arguments: Sequence[str]) -> int:
    """`soundwell serve …`: become the server."""
    os.execv(sys.executable, [sys.executable, "-m", "server", "serve", *arguments])  # noqa: S606 - our own program


def run_export(arguments: Sequence[str]) -> int:
    """`soundwell export …`: the engine is the server's, so its own program renders."""
    done = subprocess.run(  # noqa: S603 - only our own program is started here
        [sys.executable, "-m", "server", "export", *arguments], check=False
    )
    return done.returncode


def _await_address(said_by_it: IO[bytes]) -> str:
    """Read what it says until it is ready; raises Unreachable where it ends before."""
    said: list[str] = []
    deadline = time.monotonic() + _START_S
    with selectors.DefaultSelector() as selector:
        selector.register(said_by_it, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            line = said_by_it.readline().decode(errors="replace").rstrip()
            if not line:
                break
            if line.startswith(_READY):
                return line.removeprefix(_READY)
            said.append(line)
    raise Unreachable("\n".join(["The server did not start:", *said[-5:]]))


def _end_with_parent() -> None:  # pragma: no cover - runs between fork and exec
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
