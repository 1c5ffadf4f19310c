"""Whom the embedded services run as: Postgres refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """An ordinary account that root hands the services to."""

    name: str
    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """Whether this user may enter the folder `path` and every one on the way to it."""
        path = path.resolve()
        return all(self._may_enter(part) for part in (path, *path.parents))

    def _may_enter(self, folder: Path) -> bool:
        status = folder.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool((status.st_mode >> shift) & 0o1)

    def own(self, folder: Path) -> None:
        """Make `folder` (created if missing) this user's own, closed to everyone else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, self.uid, self.gid)


def service_user() -> ServiceUser | None:
    """The account to drop to, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in _NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(
        f"Postgres does not run as root, and there is none of the accounts {', '.join(_NAMES)}."
    )
