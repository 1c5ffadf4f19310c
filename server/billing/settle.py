"""Making our rows what the provider has, under the customer's lock, from what was fetched under it.

Nothing here looks at an event. So order does not matter, twice is once, and a replay is safe for ever.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.billing import store
from server.billing.grants import grant_month
from server.billing.service import instant
from server.kit import audit
from server.kit.errors import ProviderError
from server.tokens import service as tokens

if TYPE_CHECKING:
    from uuid import UUID

    from server.billing.store import OrderRow, OrderStatus, SubscriptionRow
    from server.kit.audit import Origin, Severity
    from server.kit.db import Connection
    from server.providers.payments import RemoteInvoice, RemotePayment, RemoteSubscription

GIVEN_BACK: Final = "The payment was given back."


@dataclass(frozen=True, slots=True)
class Settling:
    """Whose rows are set, by whom, and when."""

    conn: Connection
    provider: str
    user_id: UUID
    now_s: float
    origin: Origin

    async def subscription(self, remote: RemoteSubscription) -> bool:
        """Take over a subscription; whether ours was another."""
        price = await store.find_price(self.conn, remote.price_id)
        if price is None:
            raise ProviderError(f"Subscription {remote.id} is for a price that we do not have.")
        before = await store.find_subscription(self.conn, self.provider, remote.id)
        now = instant(self.now_s)
        await store.put_subscription(self.conn, self.provider, self.user_id, remote, price.plan, now)
        after = await store.find_subscription(self.conn, self.provider, remote.id)
        assert after is not None
        if after == before:
            return False
        await self._record(
            _what_happened(before, after), remote_id=remote.id, plan=after.plan, status=after.status
        )
        await grant_month(self.conn, after, self.now_s)
        return True

    async def invoice(self, remote: RemoteInvoice) -> bool:
        """Take over an invoice; whether ours was another."""
        if not await store.put_invoice(self.conn, self.provider, self.user_id, remote):
            return False
        await self._record(
            f"invoice_{remote.status}",
            "warning" if remote.status == "open" else "info",
            remote_id=remote.id,
            amount_minor=remote.amount_minor,
            currency=remote.currency,
        )
        return True

    async def payment(self, remote: RemotePayment) -> bool:
        """Take over what became of an order; a pack is credited once, by the payment's id."""
        order = await self._order_of(remote)
        if order is None:
            return False
        status = _status_of(order, remote)
        is_other = (status, remote.id, remote.refunded_minor) != (
            order.status,
            order.payment_id,
            order.refunded_minor,
        )
        if not is_other or status == "pending":
            return False
        now = instant(self.now_s)
        await store.set_order(self.conn, order, status, remote.id, remote.refunded_minor, now)
        severity: Severity = "alert" if remote.is_disputed else "info"
        await self._record(
            f"order_{status}", severity, order_id=str(order.id), payment_id=remote.id, item=order.item
        )
        if order.tokens is not None:
            await self._settle_pack(order, remote, status)
        return True

    async def _order_of(self, remote: RemotePayment) -> OrderRow | None:
        """The order that a payment is for; None for a payment of something else, as of a subscription."""
        try:
            order_id = uuid.UUID(remote.reference)
        except ValueError:
            return None
        order = await store.find_order(self.conn, order_id)
        if order is None or order.kind == "subscription":
            return None
        if order.user_id != self.user_id or order.provider != self.provider:
            raise ProviderError(f"Payment {remote.id} is for the order of somebody else.")
        if order.payment_id is not None and order.payment_id != remote.id and order.status != "failed":
            return None  # it has been paid; a second attempt does not concern it
        return order

    async def _settle_pack(self, order: OrderRow, remote: RemotePayment, status: OrderStatus) -> None:
        assert order.tokens is not None
        key = f"{self.provider}:{remote.id}"
        if status in {"paid", "refunded"}:
            await tokens.credit(
                self.conn, self.user_id, "bought", order.tokens, key=key, reason=f"Token pack {order.item}"
            )
        taken_back = order.amount_minor if remote.is_disputed else remote.refunded_minor
        if taken_back:
            total = -(-order.tokens * taken_back // order.amount_minor)
            await tokens.reverse_purchase(self.conn, self.user_id, key, reason=GIVEN_BACK, total=total)

    async def _record(self, action: str, severity: Severity = "info", **metadata: object) -> None:
        await audit.record(
            self.conn,
            f"billing.{action}",
            "billing",
            self.origin,
            principal_id=self.user_id,
            severity=severity,
            provider=self.provider,
            **metadata,
        )


def _status_of(order: OrderRow, remote: RemotePayment) -> OrderStatus:
    """What an order has come to."""
    if remote.status == "paid" and (remote.amount_minor, remote.currency) != (
        order.amount_minor,
        order.currency,
    ):
        raise ProviderError(f"Payment {remote.id} is of another amount than its order.")
    if remote.is_disputed or remote.refunded_minor >= order.amount_minor:
        return "refunded"
    return remote.status


def _what_happened(before: SubscriptionRow | None, after: SubscriptionRow) -> str:
    """The action that the audit log names."""
    if before is None:
        return "subscription_started"
    if after.status == "ended" and before.status != "ended":
        return "subscription_ended"
    if after.cancel_at_period_end and not before.cancel_at_period_end:
        return "subscription_cancelled"
    if after.price_id != before.price_id:
        return "subscription_changed"
    if after.period_end > before.period_end:
        return "subscription_renewed"
    return "subscription_updated"
