"""HTTP of the messages of providers, of their state for admins, and of the stand-in's clock."""

from __future__ import annotations

import uuid  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from server.billing import event_store, store, webhooks
from server.billing.routes import billing_state
from server.kit import audit
from server.kit.api import ADMIN, ANYONE, WHOLE, Alias, Call, Model, Routes
from server.kit.errors import Forbidden, NotFound, ProviderError
from server.kit.limits import Limit
from server.providers.payments import BadSignature

if TYPE_CHECKING:
    from server.billing.event_store import EventRow
    from server.providers.checkout.provider import LocalPayments

WEBHOOK_LIMIT: Final = "webhooks"
LIMITS: Final = (Limit(WEBHOOK_LIMIT, 6000, 60.0),)
MOST_SHOWN: Final = 100
LONGEST_ADVANCE_S: Final = 400 * 86_400

routes = Routes("billing")


class Received(Model):
    """The message is kept."""

    received: bool
    duplicate: bool
    """It was here before; nothing is done twice."""


class Undone(Model):
    """A message that had no effect yet."""

    id: int
    provider: str
    event_id: str
    type: str
    status: str
    attempts: int
    last_error: str
    received_at: float


class Status(Model):
    """How many messages there are of each status, and the newest that are not applied."""

    received: int
    applied: int
    failed: int
    dead: int
    undone: list[Undone]


class RetryBody(Model):
    """Which messages; all that failed if it names none."""

    ids: Annotated[list[Annotated[int, Field(ge=1, lt=2**63), WHOLE]], Field(max_length=1000)] | None = None


class Retried(Model):
    """What was taken up again."""

    ids: list[int]


class ClockBody(Model):
    """How far to move on."""

    advance_s: Annotated[int, Field(ge=0, le=LONGEST_ADVANCE_S), WHOLE]


class ClockReply(Model):
    """What time it is for the stand-in now."""

    now: float


class RefundBody(Model):
    """What to give back; all of it if no amount is named."""

    order: uuid.UUID
    amount_minor: Annotated[int, Field(ge=1, lt=2**53), WHOLE] | None = None


@routes.get(
    "/api/webhooks/status",
    summary="How far we are with what providers told us",
    auth=ADMIN,
    reply=Status,
)
async def read_webhook_status(call: Call) -> Status:
    """`failed` will be tried again by itself, `dead` will not."""
    async with call.state["db"].connection() as conn:
        counts = await event_store.count_by_status(conn)
        rows = await event_store.list_undone(conn, MOST_SHOWN)
    numbers = {name: counts.get(name, 0) for name in ("received", "applied", "failed", "dead")}
    return Status(**numbers, undone=[_undone(row) for row in rows])


@routes.post(
    "/api/webhooks/retry",
    summary="Begin again with messages that failed",
    auth=ADMIN,
    body=RetryBody,
    reply=Retried,
)
async def retry_webhooks(call: Call) -> Retried:
    """What has been applied stays as it is."""
    ids = await webhooks.retry(call.state["db"], call.body.ids)
    async with call.state["db"].transaction() as conn:
        await audit.record(
            conn, "admin.webhooks_retried", "admin", call.origin, principal_id=call.known.id, ids=ids
        )
    return Retried(ids=ids)


@routes.post(
    "/api/webhooks/{provider}",
    summary="What a payment provider tells us, signed",
    auth=ANYONE,
    reply=Received,
    errors=(BadSignature, NotFound),
    limit=WEBHOOK_LIMIT,
)
async def receive_webhook(call: Call) -> Received:
    """Kept and answered at once; a job gives it its effect."""
    return await _receive(call, call.path["provider"])


@routes.post(
    "/api/billing/webhook",
    summary="What the payment provider of this server tells us, at its older addresses",
    auth=ANYONE,
    reply=Received,
    flat=("received",),
    errors=(BadSignature, NotFound),
    limit=WEBHOOK_LIMIT,
    aliases=(
        Alias("/webhook", ("received",)),
        Alias("/api/orders/webhooks/payment", ("received",)),
    ),
)
async def receive_old_webhook(call: Call) -> Received:
    """As `/api/webhooks/{provider}`, for whichever provider is set up."""
    return await _receive(call, None)


@routes.post(
    "/api/billing/local/clock",
    summary="Move the clock of the local payment stand-in: periods end, cards are charged",
    auth=ADMIN,
    body=ClockBody,
    reply=ClockReply,
    errors=(NotFound,),
)
async def advance_local_clock(call: Call) -> ClockReply:
    """For trying out renewals and what follows when they fail; never in production."""
    desk = _desk(call)
    await _record(call, "admin.local_clock_moved", advance_s=call.body.advance_s)
    return ClockReply(now=(await desk.advance(call.body.advance_s)).timestamp())


@routes.post(
    "/api/billing/local/refund",
    summary="Give back an order that was paid at the local stand-in",
    auth=ADMIN,
    body=RefundBody,
    errors=(NotFound, ProviderError),
)
async def refund_local_order(call: Call) -> None:
    """As the provider's own console would; what follows comes by its message."""
    desk = _desk(call)
    async with call.state["db"].connection() as conn:
        order = await store.find_order(conn, call.body.order)
    if order is None or order.payment_id is None:
        raise NotFound("There is no such order that was paid.")
    await _record(call, "admin.local_refund", order_id=str(order.id))
    await desk.refund(order.payment_id, call.body.amount_minor or order.amount_minor)


async def _receive(call: Call, provider: str | None) -> Received:
    state = billing_state(call)
    payments = state["payments"]
    if payments is None or provider not in {None, payments.name}:
        raise NotFound
    inbox = webhooks.Inbox(state["db"], state["bus"], state["clock"], payments)
    is_new = await inbox.receive(await call.request.body(), call.request.headers, call.origin)
    return Received(received=True, duplicate=not is_new)


def _desk(call: Call) -> LocalPayments:
    state = billing_state(call)
    if state["settings"].is_production:
        raise Forbidden("The local stand-in is not moved in production.")
    desk = state["local_payments"]
    if desk is None:
        raise NotFound("Payments are not local here.")
    return desk


async def _record(call: Call, action: str, **metadata: object) -> None:
    async with call.state["db"].transaction() as conn:
        await audit.record(
            conn, action, "admin", call.origin, principal_id=call.known.id, severity="notice", **metadata
        )


def _undone(row: EventRow) -> Undone:
    return Undone(
        id=row.id,
        provider=row.provider,
        event_id=row.event_id,
        type=row.type,
        status=row.status,
        attempts=row.attempts,
        last_error=row.last_error,
        received_at=row.received_at.timestamp(),
    )
