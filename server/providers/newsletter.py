"""The newsletter in our own database: asked for, confirmed from the mailbox, and left with one click."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.providers import store
from server.providers.addresses import address_key, checked_address
from server.providers.letters import Action, compose
from server.providers.post import UNANSWERED_DAYS, Letter, post

if TYPE_CHECKING:
    from server.kit.db import Connection
    from server.providers.ports import Issue

PAUSE_S: Final = 600.0
"""An address is asked again after so long at the earliest: a form must not become a weapon."""
CONFIRM: Final = "/newsletter/confirm/"
UNSUBSCRIBE: Final = "/newsletter/unsubscribe/"


@dataclass(frozen=True, slots=True)
class LocalNewsletter:
    """Needs no key."""

    public_url: str
    """What the links in its letters begin with."""

    async def ask(self, conn: Connection, address: str) -> None:
        checked_address(address)
        token = secrets.token_urlsafe(32)
        leaving = secrets.token_urlsafe(32)
        if not await store.ask(conn, address_key(address), address, token, leaving, PAUSE_S):
            return
        body = compose(
            "Would you like our letters?",
            [
                "Somebody, we hope you, asked for the Soundwell newsletter at this address.",
                "It comes a few times a year: new sounds, what we learned about them, nothing else.",
            ],
            action=Action("Yes, send me letters", f"{self.public_url}{CONFIRM}{token}"),
            small_print=f"If it was not you, do nothing. The question lapses after {UNANSWERED_DAYS} days.",
        )
        await post(conn, Letter(address, "Would you like our letters?", body.text, body.html))

    async def confirm(self, conn: Connection, token: str) -> bool:
        return await store.confirm(conn, token, UNANSWERED_DAYS)

    async def leave(self, conn: Connection, token: str) -> None:
        await store.leave(conn, token)

    async def forget(self, conn: Connection, address: str) -> None:
        await store.forget_address(conn, address_key(address))

    async def publish(self, conn: Connection, issue: Issue) -> int:
        subscribers = await store.list_subscribers(conn)
        for subscriber in subscribers:
            url = f"{self.public_url}{UNSUBSCRIBE}{subscriber.unsubscribe_token}"
            body = compose(issue.heading, issue.paragraphs, action=issue.action, unsubscribe_url=url)
            letter = Letter(
                subscriber.address, issue.subject, body.text, body.html, "newsletter", unsubscribe_url=url
            )
            await post(conn, letter)
        return len(subscribers)
