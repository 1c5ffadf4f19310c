"""Decisions about tokens. Each function is part of its caller's transaction and ends with its event.

Call them before other events are appended: they lock the account first and the head of the event log last,
and two transactions that did it in both orders would wait for each other. After the commit the caller
wakes the person's readers (`events.notify`).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from server.kit.errors import NotFound
from server.kit.idempotency import IdempotencyConflict
from server.tokens import hold_store, store
from server.tokens.errors import ReservationClosed
from server.tokens.ledger import (
    ISSUED,
    REFUNDED,
    REVENUE,
    Balance,
    Buckets,
    CreditKind,
    Hold,
    HoldState,
    Move,
    Transfer,
    TransferType,
    held_account,
    user_account,
)
from server.tokens.posting import (
    find_first_result,
    post,
    post_and_tell,
    refuse_odd_amount,
    refuse_shortage,
    tell,
)

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from server.kit.db import Connection, Database
    from server.tokens.store import Grant

LEASE_S: Final = 3600.0
"""A job that is not done by then, with all its retries, is dead."""
RESERVED: Final = "Reserved for a job."
SETTLED: Final = "The job is done."
NOT_NEEDED: Final = "The job needed less."
LAPSED: Final = "The plan's tokens end with its period."

_TYPES: Final[dict[CreditKind, TransferType]] = {
    "granted": "grant",
    "earned": "reward",
    "bought": "purchase",
}


async def balance_of(conn: Connection, user_id: UUID) -> Balance:
    """What a person has now."""
    return await store.find_balance(conn, user_id)


async def grants_of(conn: Connection, user_id: UUID) -> list[Grant]:
    """When which of a person's granted tokens lapse."""
    return await store.list_grants(conn, user_id)


async def credit(
    conn: Connection,
    user_id: UUID,
    kind: CreditKind,
    amount: int,
    *,
    key: str,
    reason: str,
    expires_at: dt.datetime | None = None,
) -> Transfer:
    """Give tokens, once for each key; grants end at `expires_at`. Debt is paid before anything is added."""
    if (kind == "granted") != (expires_at is not None):
        raise ValueError("grants end, and nothing else does")
    move = Move(ISSUED, user_account(user_id), amount, _TYPES[kind], f"credit:{key}", reason=reason)
    return await _credit(conn, user_id, kind, move, expires_at)


async def add(conn: Connection, user_id: UUID, amount: int, *, key: str, reason: str) -> Transfer:
    """Give tokens by an administrator's hand; they count as earned."""
    move = Move(ISSUED, user_account(user_id), amount, "admin", f"admin:{key}", reason=reason)
    return await _credit(conn, user_id, "earned", move, None)


async def _credit(
    conn: Connection, user_id: UUID, kind: CreditKind, move: Move, ends_at: dt.datetime | None
) -> Transfer:
    refuse_odd_amount(move.amount)
    before = await store.lock_account(conn, user_id)
    first = await find_first_result(conn, move, move.target)
    if first is not None:
        return first
    payment = min(before.debt, move.amount)
    added = Buckets.of(kind, move.amount - payment)
    if ends_at is not None:
        await store.insert_grant(conn, user_id, added.granted, ends_at)
    if kind == "bought":
        await store.insert_purchase(conn, user_id, move.key, move.amount)
    after = await store.change_account(conn, user_id, added, debt=-payment)
    return await post_and_tell(conn, user_id, move, after)


async def reverse_purchase(
    conn: Connection, user_id: UUID, key: str, *, reason: str, total: int | None = None
) -> Transfer | None:
    """Take back what was credited as `bought` under `key`: so much in all, or everything.

    What is spent already becomes debt. `total` counts earlier reversals in, so it can be said again: then
    nothing happens and None is returned. Raises NotFound for a purchase that this person did not make.
    """
    before = await store.lock_account(conn, user_id)
    purchase = await store.find_purchase(conn, user_id, f"credit:{key}")
    if purchase is None:
        raise NotFound("There is no such purchase.")
    reversed_after = purchase.amount if total is None else min(total, purchase.amount)
    amount = reversed_after - purchase.reversed
    if amount <= 0:
        return None
    taken = Buckets(bought=min(before.bought, amount))
    await store.mark_reversed(conn, purchase.key, reversed_after)
    after = await store.change_account(conn, user_id, Buckets() - taken, debt=amount - taken.bought)
    refund_key = f"refund:{key}:{reversed_after}"
    move = Move(user_account(user_id), REFUNDED, amount, "refund", refund_key, reason=reason)
    return await post_and_tell(conn, user_id, move, after)


async def lapse(conn: Connection, user_id: UUID, now: dt.datetime) -> Transfer | None:
    """Take what is left of the grants that have ended; None if nothing is."""
    await store.lock_account(conn, user_id)
    ended = await store.end_grants(conn, user_id, now)
    if ended == 0:
        return None
    after = await store.change_account(conn, user_id, Buckets(granted=-ended))
    move = Move(user_account(user_id), ISSUED, ended, "lapse", f"lapse:{uuid.uuid4()}", reason=LAPSED)
    return await post_and_tell(conn, user_id, move, after)


async def use(
    conn: Connection, user_id: UUID, amount: int, *, feature: str, key: str, reason: str = ""
) -> Transfer:
    """Spend tokens, once for each of the person's keys; raises InsufficientTokens if there are too few."""
    refuse_odd_amount(amount)
    move = Move(user_account(user_id), REVENUE, amount, "use", f"use:{user_id}:{key}", feature, reason)
    before = await store.lock_account(conn, user_id)
    first = await find_first_result(conn, move, move.source)
    if first is not None:
        if first.reason != reason:
            raise IdempotencyConflict
        return first
    refuse_shortage(before, amount)
    taken = before.buckets.first(amount)
    await store.take_from_grants(conn, user_id, taken.granted)
    after = await store.change_account(conn, user_id, Buckets() - taken)
    return await post_and_tell(conn, user_id, move, after)


async def reserve(
    conn: Connection, user_id: UUID, job_id: UUID, amount: int, *, feature: str, lease_s: float = LEASE_S
) -> Hold:
    """Set tokens aside for a job, once; whoever asks again gets the same, and what became of it."""
    refuse_odd_amount(amount)
    before = await store.lock_account(conn, user_id)
    known = await hold_store.find_hold(conn, job_id)
    if known is not None:
        if (known.user_id, known.buckets.total, known.feature) != (user_id, amount, feature):
            raise IdempotencyConflict
        return known
    refuse_shortage(before, amount)
    taken = before.buckets.first(amount)
    grants = await store.take_from_grants(conn, user_id, taken.granted)
    hold = await hold_store.insert_hold(conn, user_id, job_id, feature, taken, grants, lease_s)
    if hold is None:
        raise IdempotencyConflict
    after = await store.change_account(conn, user_id, Buckets() - taken, held=amount)
    source, target = user_account(user_id), held_account(user_id)
    move = Move(source, target, amount, "reserve", f"reserve:{job_id}", feature, RESERVED, job_id)
    await post_and_tell(conn, user_id, move, after)
    return hold


async def settle(conn: Connection, job_id: UUID, amount: int | None = None) -> Hold:
    """Spend a job's tokens, all or so many; the rest goes back. Raises ReservationClosed after a release."""
    hold, account = await _locked_hold(conn, job_id)
    spent = hold.buckets.total if amount is None else amount
    if not 0 <= spent <= hold.buckets.total:
        raise ValueError(f"{spent} of {hold.buckets.total} tokens cannot be settled")
    if hold.state == "settled" and hold.settled != spent:
        raise IdempotencyConflict
    return await _close(conn, hold, account, "settled", spent, NOT_NEEDED)


async def release(conn: Connection, job_id: UUID, reason: str) -> Hold:
    """Give a job's tokens back to where they came from. Raises ReservationClosed if they were settled."""
    hold, account = await _locked_hold(conn, job_id)
    return await _close(conn, hold, account, "released", 0, reason)


async def snapshot(database: Database, user_id: UUID) -> dict[str, Any]:
    """What a person has, for a reader who begins without the event log."""
    async with database.connection() as conn:
        return describe(await store.find_balance(conn, user_id))


def describe(balance: Balance) -> dict[str, int]:
    """A balance by its names."""
    return {
        "available": balance.available,
        "granted": balance.granted,
        "earned": balance.earned,
        "bought": balance.bought,
        "held": balance.held,
        "debt": balance.debt,
    }


async def _locked_hold(conn: Connection, job_id: UUID) -> tuple[Hold, Balance]:
    """A reservation as it stands once its account is locked."""
    found = await hold_store.find_hold(conn, job_id)
    if found is None:
        raise NotFound("Nothing was reserved for this job.")
    account = await store.lock_account(conn, found.user_id)
    hold = await hold_store.find_hold(conn, job_id)
    assert hold is not None
    return hold, account


async def _close(
    conn: Connection, hold: Hold, account: Balance, state: HoldState, spent: int, reason: str
) -> Hold:
    """End a reservation: its first tokens are spent, the others go back.

    Bought ones that come back pay debt: the refund that made it would have taken them, had they been there.
    """
    if hold.state == state:
        return hold
    if hold.state != "open":
        raise ReservationClosed
    gone = hold.buckets.first(spent)
    back = hold.buckets - gone
    payment = min(account.debt, back.bought)
    await hold_store.return_to_grants(conn, hold.job_id, gone.granted)
    closed = await hold_store.close_hold(conn, hold.job_id, state, spent)
    after = await store.change_account(
        conn, hold.user_id, back - Buckets(bought=payment), held=-hold.buckets.total, debt=-payment
    )
    held, own, job = held_account(hold.user_id), user_account(hold.user_id), hold.job_id
    if spent:
        move = Move(held, REVENUE, spent, "settle", f"settle:{job}", hold.feature, SETTLED, job)
        await post(conn, move, after)
    if back.total:
        move = Move(held, own, back.total, "release", f"release:{job}", hold.feature, reason, job)
        await post(conn, move, after)
    is_settled = state == "settled"
    await tell(
        conn,
        hold.user_id,
        after,
        delta=back.total,
        kind="settle" if is_settled else "release",
        reason=SETTLED if is_settled else reason,
    )
    return closed
