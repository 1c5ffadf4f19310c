"""What our rows must be, from nothing but what the company holds: no event, no order, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.peers.company import Company

RANKS = {"pro-month": ("pro", 2), "pro-year": ("pro", 2), "studio-month": ("studio", 3)}
PACK_TOKENS, PACK_MINOR = 100, 500


def plan(company: Company, customer: str) -> str:
    """The greatest of what runs."""
    running = [
        RANKS[subscription.price_id]
        for subscription in company.subscriptions.values()
        if subscription.customer_id == customer and subscription.status != "ended"
    ]
    return max(running, key=lambda ranked: ranked[1])[0] if running else "free"


def subscriptions(company: Company, customer: str) -> set[tuple[Any, ...]]:
    return {
        (one.id, one.price_id, one.status, one.period_start_s, one.period_end_s, one.cancel_at_period_end)
        for one in company.subscriptions.values()
        if one.customer_id == customer
    }


def invoices(company: Company, customer: str) -> set[tuple[Any, ...]]:
    return {
        (one.id, one.amount_minor, one.status)
        for one in company.invoices.values()
        if one.customer_id == customer
    }


def bought(company: Company, customer: str) -> int:
    """Tokens of packs that were paid for, less what was given back of each."""
    return sum(
        PACK_TOKENS - -(-PACK_TOKENS * one.refunded_minor // PACK_MINOR)
        for one in company.payments.values()
        if one.customer_id == customer and one.status == "paid"
    )
