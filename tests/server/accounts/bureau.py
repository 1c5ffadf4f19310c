"""Decisions about accounts without HTTP: a clock that stands still, a real database and bus."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.accounts.registration import Newcomer, register
from server.kit.audit import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.accounts.logins import LoggedIn
    from server.accounts.service import Accounts
    from server.kit.clock import ManualClock
    from server.kit.principal import Principal

NOW = 1_790_000_000.0
PASSWORD = "a lamp beside the harbour"
HERE = Origin("203.0.113.7", "request-1", "a browser")


@dataclass
class Bureau:
    """Accounts with a clock that stands still, and what they did."""

    accounts: Accounts
    clock: ManualClock
    ended: list[UUID] = field(default_factory=list)

    async def newcomer(self, email: str = "jo@example.org", guest: Principal | None = None) -> LoggedIn:
        """A person who has just registered."""
        return await register(self.accounts, Newcomer(email, PASSWORD, "Jo", "Europe/Berlin"), guest, HERE)

    async def ask(self, sql: str, *args: object) -> list[Mapping[str, Any]]:
        async with self.accounts.database.connection() as conn:
            return list(await conn.fetch(sql, *args))

    async def trail(self) -> list[str]:
        """What the audit log tells, in order."""
        return [row["action"] for row in await self.ask("SELECT action FROM audit_logs ORDER BY id")]

    async def letters(self) -> list[Mapping[str, Any]]:
        """The mails that wait or were sent, in order."""
        return await self.ask("SELECT recipient, subject, text FROM letters ORDER BY created_at, id")

    async def link(self, what: str) -> str:
        """The secret in the newest mail with a link of that kind."""
        found = [re.search(rf"/#{what}/([\w-]+)", row["text"]) for row in await self.letters()]
        return [match.group(1) for match in found if match][-1]
