"""What `python -m server doctor` looks at: is everything here that the server needs?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kit.programs import postgres_program, site_packages, valkey_program
from server.kit.service_user import service_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEAST_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    fine: bool
    sentence: str


def examine(data_dir: Path) -> Iterator[Finding]:
    """Look at the machine without changing anything."""
    python = platform.python_version()
    yield Finding(sys.version_info >= (3, 11), f"Python is {python} (3.11 is the oldest).")
    yield Finding(sys.platform == "linux", f"The system is {sys.platform} (linux is needed).")
    packages = site_packages()
    for program in (postgres_program(packages, "postgres"), valkey_program(packages)):
        yield Finding(os.access(program, os.X_OK), f"{program.name} is at {program}.")
    place = _nearest(data_dir)
    free = shutil.disk_usage(place).free
    yield Finding(os.access(place, os.W_OK), f"{place} can be written (the data folder is {data_dir}).")
    yield Finding(free >= _LEAST_FREE_BYTES, f"{place} has {free / 1e9:.1f} GB free (0.5 are needed).")
    user = service_user()
    if user:
        yield Finding(user.can_reach(place), f"{user.name}, whom the database runs as, can reach {place}.")


def _nearest(folder: Path) -> Path:
    """The folder, or the one of its parents in which it would be made."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())
