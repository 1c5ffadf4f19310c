"""What billing does when something happens to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from server.billing import store
from server.kit import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.accounts.hooks import Deleted, Exported
    from server.kit.db import Connection
    from server.kit.jobs import Work
    from server.providers.payments import PaymentsOf

END: Final = "end subscription"


async def delete(conn: Connection, deleted: Deleted) -> None:
    """End what runs at the provider; invoices and orders stay under the bare id."""
    for row in await store.list_paid(conn, deleted.user_id):
        await jobs.enqueue(conn, END, {"subscription": row.remote_id}, dedupe_key=f"end:{row.remote_id}")
    await store.forget_words(conn, deleted.user_id)


async def export(conn: Connection, exported: Exported) -> Mapping[str, Any]:
    """Subscriptions, invoices and orders."""
    user_id: UUID = exported.user_id
    return {
        "subscriptions": await store.export_rows(conn, "subscriptions", user_id),
        "invoices": await store.export_rows(conn, "invoices", user_id),
        "orders": await store.export_rows(conn, "orders", user_id),
    }


def end_job(payments_of: PaymentsOf) -> jobs.Job:
    """The worker's part of a deletion: the provider is asked until it has ended the subscription."""

    async def run(work: Work, payload: Mapping[str, Any]) -> None:
        payments = payments_of(work.settings, work.db, work.clock)
        if payments is not None:
            try:
                subscription = str(payload["subscription"])
                await payments.end_now(subscription, f"end:{subscription}")
            finally:
                await payments.close()

    return jobs.Job(END, run)
