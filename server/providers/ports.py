"""What we need of the outside world, whoever provides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

    from server.kit.db import Connection
    from server.providers.letters import Action


class MailRefused(Exception):  # noqa: N818 - the name says what happened, as it is read at `raise`
    """The letter or its recipient is refused for good: a bounce."""


class MailDelayed(Exception):  # noqa: N818 - see above
    """Nobody has taken the letter yet: no server, no permission, or a request to come back later."""


class Mailer(Protocol):
    """Hands one message to whoever carries it on."""

    async def send(self, message: EmailMessage) -> None:
        """Return when it was taken; raise `MailRefused` or `MailDelayed` when it was not."""
        ...


@dataclass(frozen=True, slots=True)
class Issue:
    """One number of the newsletter."""

    subject: str
    heading: str
    paragraphs: Sequence[str]
    action: Action | None = None


class Newsletter(Protocol):
    """Who wants to hear from us: only who asked for it *and* confirmed that from their own mailbox."""

    async def ask(self, conn: Connection, address: str) -> None:
        """Mail a question to an address. Nobody learns from it whether the address was known."""
        ...

    async def confirm(self, conn: Connection, token: str) -> bool:
        """The answer to the question; False when it came too late or was never asked."""
        ...

    async def leave(self, conn: Connection, token: str) -> None:
        """No more issues to whom this token was mailed."""
        ...

    async def forget(self, conn: Connection, address: str) -> None:
        """Nothing is known of this address any more."""
        ...

    async def publish(self, conn: Connection, issue: Issue) -> int:
        """Post an issue to everyone who confirmed, and return to how many."""
        ...
