from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts import upkeep
from server.kit.jobs import Work

if TYPE_CHECKING:
    from server.kit.settings import Settings
    from tests.server.accounts.bureau import Bureau


async def test_old_logins_links_and_audit_lines_go_by_the_clock(bureau: Bureau, settings: Settings) -> None:
    await bureau.newcomer()
    await bureau.ask("UPDATE audit_logs SET at = now() - interval '401 days'")
    bureau.clock.advance(61 * 86_400)
    accounts = bureau.accounts
    await upkeep.trim(Work(settings, accounts.database, accounts.bus, bureau.clock))
    for table in ("audit_logs", "login_sessions", "email_tokens"):
        assert await bureau.ask(f"SELECT FROM {table}") == [], table
