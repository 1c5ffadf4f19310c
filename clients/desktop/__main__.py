"""`soundwell`: reads the command and runs it; what stops it is told in a sentence and an exit status."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from clients.desktop.arguments import option, parse, parse_serve
from clients.desktop.config import own_config
from clients.desktop.embedded import run_server
from clients.desktop.errors import INTERRUPTED, ListenerError
from clients.desktop.verbs import run

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # read when numpy is first imported: frames of two channels are too small to gain from threads
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if (served := parse_serve(given)) is not None:
        return run_server(served)
    options = parse(given, own_config().settings)
    try:
        return asyncio.run(run(options))
    except ListenerError as error:
        sys.stderr.write(f"{_wrapped(str(error))}\n")
        if option(options, "json"):
            sys.stdout.write(
                json.dumps({"event": "error", "status": error.status, "sentence": str(error)}) + "\n"
            )
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `soundwell events | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _wrapped(sentence: str) -> str:
    """As a person reads it; a log gets it as it is."""
    if not sys.stderr.isatty():
        return sentence
    width = shutil.get_terminal_size().columns
    return "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in sentence.split("\n"))


if __name__ == "__main__":
    sys.exit(main())
