"""Stand-ins that work without keys: an outbox, where letters stay as files that any mail program opens."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from server.kit.settings import Settings

SUFFIX: Final = ".eml"


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter in the outbox."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    written_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Keeps each letter as a file of its own; the same letter sent twice is one file."""

    folder: Path

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._keep, message)

    def _keep(self, message: EmailMessage) -> None:
        """Whole or not at all: a reader never sees half of a letter."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{_name(message)}{SUFFIX}"
        draft = path.with_suffix(".part")
        with draft.open("wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def outbox_of(settings: Settings) -> Path:
    """Where letters stay that do not leave."""
    return settings.data_dir / "outbox"


def read_outbox(folder: Path, most: int) -> Sequence[KeptLetter]:
    """The newest letters first; reads files, so not on the loop."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_kept(path) for path in paths[:most]]


def _kept(path: Path) -> KeptLetter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    return KeptLetter(
        id=path.stem,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        text="" if text is None else text.get_content().replace("\r\n", "\n"),
        html="" if html is None else html.get_content().replace("\r\n", "\n"),
        written_at=parsedate_to_datetime(str(message["Date"])).timestamp(),
    )


def _name(message: EmailMessage) -> str:
    """The part of the Message-ID that is ours: the letter's id."""
    return str(message["Message-ID"]).strip("<> ").partition("@")[0]
