"""What providers tell us: received once, applied by a job, tried until it works or somebody must look."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import structlog

from server.billing import event_store, service, store
from server.billing.service import instant
from server.billing.settle import Settling
from server.kit import audit, events, jobs
from server.kit.audit import Origin
from server.providers.payments import BadSignature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.billing.event_store import EventRow
    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.kit.jobs import Work
    from server.providers.payments import Payments, PaymentsOf

APPLY: Final = "apply payment event"
ATTEMPTS: Final = 8
ORIGIN: Final = Origin.system("payment webhooks")

log = structlog.stdlib.get_logger("soundwell.billing")


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where the messages of one provider go."""

    db: Database
    bus: Bus
    clock: Clock
    payments: Payments

    async def receive(self, body: bytes, headers: Mapping[str, str], origin: Origin) -> bool:
        """Keep a message and ask for its job; whether it was new. Raises BadSignature, audited."""
        try:
            event = self.payments.verify_webhook(body, headers, self.clock.now())
        except BadSignature:
            await self._record_forgery(origin)
            raise
        async with self.db.transaction() as conn:
            now = instant(self.clock.now())
            number = await event_store.insert_event(conn, self.payments.name, event, body.decode(), now)
            if number is not None:
                await ask(conn, number)
        return number is not None

    async def apply(self, number: int) -> None:
        """Give a message its effect: fetch what it is about, and make our rows that."""
        try:
            user_id = await self._apply(number)
        except Exception as error:
            await self._note_failure(number, error)
            raise
        if user_id is not None:
            await events.notify(self.bus, user_id)

    async def _apply(self, number: int) -> UUID | None:
        """Whom it concerned, if anything of theirs changed."""
        async with self.db.transaction() as conn:
            event = await event_store.lock_event(conn, number)
            if event is None:
                return None
            user_id = await self._owner(conn, event)
            if user_id is None:
                await self._record_stranger(conn, event)
            is_changed = user_id is not None and await self._settle(conn, user_id, event)
            await event_store.mark_applied(conn, number, instant(self.clock.now()))
            if user_id is None or not is_changed:
                return None
            await service.tell(conn, user_id, self.clock.now())
            return user_id

    async def _settle(self, conn: Connection, user_id: UUID, event: EventRow) -> bool:
        """Fetched under the customer's lock: who waits for it fetches later, so nobody writes older state."""
        payments = self.payments
        settling = Settling(conn, payments.name, user_id, self.clock.now(), ORIGIN)
        if event.kind == "subscription":
            return await settling.subscription(await payments.fetch_subscription(event.object_id))
        if event.kind == "invoice":
            return await settling.invoice(await payments.fetch_invoice(event.object_id))
        if event.kind == "payment":
            remote = await payments.fetch_payment(event.object_id)
            return await settling.payment(replace(remote, reference=remote.reference or event.reference))
        return False

    async def _owner(self, conn: Connection, event: EventRow) -> UUID | None:
        """By the customer, else by the payment; where a provider makes its own customers, by our order."""
        if not event.customer_id:
            return await store.lock_payer(conn, event.provider, event.object_id)
        user_id = await store.lock_customer(conn, event.provider, event.customer_id)
        if user_id is not None:
            return user_id
        try:
            order = await store.find_order(conn, uuid.UUID(event.reference))
        except ValueError:
            return None
        if order is None or order.provider != event.provider:
            return None
        await store.put_customer(conn, event.provider, order.user_id, event.customer_id)
        return await store.lock_customer(conn, event.provider, event.customer_id)

    async def _record_stranger(self, conn: Connection, event: EventRow) -> None:
        log.warning("payment event for nobody", provider=event.provider, type=event.type, id=event.event_id)
        about = {"provider": event.provider, "type": event.type, "event_id": event.event_id}
        await audit.record(
            conn,
            "billing.unknown_customer",
            "billing",
            ORIGIN,
            principal_id=None,
            severity="warning",
            **about,
        )

    async def _record_forgery(self, origin: Origin) -> None:
        async with self.db.transaction() as conn:
            await audit.record(
                conn,
                "security.webhook_refused",
                "security",
                origin,
                principal_id=None,
                severity="warning",
                provider=self.payments.name,
            )

    async def _note_failure(self, number: int, error: Exception) -> None:
        told = f"{type(error).__name__}: {error}"[:500]
        async with self.db.transaction() as conn:
            status = await event_store.mark_failed(conn, number, told, ATTEMPTS)
            if status == "dead":
                await audit.record(
                    conn,
                    "billing.webhook_dead",
                    "billing",
                    ORIGIN,
                    principal_id=None,
                    severity="alert",
                    event=number,
                    error=told,
                )
        log.warning("payment event failed", number=number, status=status, error=told)


async def ask(conn: Connection, number: int) -> None:
    """Ask for the job that applies a message."""
    await jobs.enqueue(conn, APPLY, {"event": number}, dedupe_key=f"payment-event:{number}")


async def retry(db: Database, numbers: list[int] | None) -> list[int]:
    """Begin again with what failed, or with these; returns what was taken up."""
    async with db.transaction() as conn:
        revived = await event_store.revive(conn, numbers)
        for number in revived:
            await ask(conn, number)
    return revived


def apply_job(payments_of: PaymentsOf) -> jobs.Job:
    """The worker's part; a provider that is not set up any more leaves its messages where they are."""

    async def run(work: Work, payload: Mapping[str, Any]) -> None:
        payments = payments_of(work.settings, work.db, work.clock)
        if payments is not None:
            try:
                await Inbox(work.db, work.bus, work.clock, payments).apply(int(payload["event"]))
            finally:
                await payments.close()

    return jobs.Job(APPLY, run, attempts=ATTEMPTS)
