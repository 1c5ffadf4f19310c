"""HTTP of tokens: what a person has, where it came from, and where it went."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - pydantic reads the annotations
import uuid
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints

from server.accounts.service import contact_of
from server.kit import audit, events
from server.kit.api import ADMIN, ANYONE, NO_NUL, USER, WHOLE, Call, Model, Routes
from server.kit.errors import NotFound, ValidationFailed
from server.kit.idempotency import HEADER, KEY, IdempotencyConflict, key_of
from server.kit.principal import ADMIN_SCOPE
from server.tokens import service, statements
from server.tokens.errors import InsufficientTokens
from server.tokens.ledger import MOST_TOKENS, HoldState, TransferType

if TYPE_CHECKING:
    from uuid import UUID

    from server.tokens.ledger import Transfer

LONGEST_PAGE: Final = 100
LONGEST_DAYS: Final = 366

Amount = Annotated[int, Field(ge=1, le=MOST_TOKENS), WHOLE]
Feature = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
Key = Annotated[str, StringConstraints(pattern=KEY)]

routes = Routes("tokens", scope="tokens")


class GrantItem(Model):
    """Tokens of a plan that lapse together."""

    amount: int
    ends_at: float
    """Unix seconds."""


class BalanceReply(Model):
    """What the caller has."""

    available: int
    """What can be used now."""
    granted: int
    earned: int
    bought: int
    held: int
    """Reserved for jobs that go on."""
    debt: int
    """Refunded after it was spent; the next credits pay it."""
    grants: list[GrantItem]


class TransactionItem(Model):
    """One line of the statement."""

    id: str
    type: TransferType
    amount: int
    """Below zero where tokens went away."""
    available: int
    """What could be used after it."""
    feature: str
    reason: str
    job: str | None
    """Joins a reservation with what came back of it."""
    hold: HoldState | None
    """What became of a reservation."""
    created_at: float
    """Unix seconds."""


class TransactionPage(Model):
    """The caller's statement, newest first."""

    transactions: list[TransactionItem]
    next_cursor: str | None


class TransactionsQuery(Model):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 20
    cursor: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")] | None = Field(
        None, description="`next_cursor` of the page before."
    )


class PackItem(Model):
    """Tokens for sale."""

    id: str
    title: str
    tokens: int
    price_minor: int
    """In the smallest unit of the currency."""
    currency: str


class PackList(Model):
    """All that are sold."""

    packs: list[PackItem]


class Use(Model):
    """What to spend tokens on."""

    amount: Amount
    feature: Feature
    reason: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = ""
    key: Key | None = Field(None, description=f"Instead of a header `{HEADER}`: the same key uses once.")


class Addition(Model):
    """Tokens for somebody, by an administrator's hand."""

    user: uuid.UUID
    amount: Amount
    reason: Annotated[str, StringConstraints(min_length=3, max_length=200, pattern=NO_NUL)]
    key: Key | None = Field(None, description=f"Instead of a header `{HEADER}`: the same key adds once.")


class AnalyticsQuery(Model):
    """How far back."""

    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="Today is one of them.")] = 30


class FeatureItem(Model):
    """What one feature used."""

    feature: str
    amount: int
    uses: int


class DayItem(Model):
    """What was used on one day."""

    date: dt.date
    amount: int
    by_feature: dict[str, int]


class AnalyticsReply(Model):
    """The caller's use by feature and by day of their zone."""

    zone: str
    amount: int
    features: tuple[FeatureItem, ...]
    """Those that used most first."""
    days: tuple[DayItem, ...]
    """The oldest first."""


@routes.get("/api/tokens/balance", summary="What the caller has", auth=USER, reply=BalanceReply)
async def read_token_balance(call: Call) -> BalanceReply:
    """Granted tokens lapse at the end of their period; the others stay."""
    async with call.state["db"].connection() as conn:
        balance = await service.balance_of(conn, call.known.id)
        grants = await service.grants_of(conn, call.known.id)
    items = [GrantItem(amount=grant.left_amount, ends_at=grant.ends_at.timestamp()) for grant in grants]
    return BalanceReply(**service.describe(balance), grants=items)


@routes.get(
    "/api/tokens/transactions",
    summary="The caller's statement, newest first",
    auth=USER,
    query=TransactionsQuery,
    reply=TransactionPage,
)
async def list_token_transactions(call: Call) -> TransactionPage:
    """Own lines only: the person is never taken from the request."""
    before = None if call.query.cursor is None else uuid.UUID(hex=call.query.cursor)
    async with call.state["db"].connection() as conn:
        page = await statements.read_statement(conn, call.known.id, before, call.query.limit)
    items = [_transaction(line.transfer, line.hold) for line in page.lines]
    return TransactionPage(
        transactions=items, next_cursor=None if page.next_before is None else page.next_before.hex
    )


@routes.get("/api/tokens/packs", summary="Tokens for sale", auth=ANYONE, reply=PackList)
async def list_token_packs(call: Call) -> PackList:
    """The smallest first."""
    async with call.state["db"].connection() as conn:
        packs = await statements.list_packs(conn)
    return PackList(
        packs=[
            PackItem(
                id=pack.id,
                title=pack.title,
                tokens=pack.amount,
                price_minor=pack.price_minor,
                currency=pack.currency,
            )
            for pack in packs
        ]
    )


@routes.post(
    "/api/tokens/use",
    summary="Spend tokens",
    auth=USER,
    body=Use,
    reply=TransactionItem,
    errors=(InsufficientTokens, IdempotencyConflict),
)
async def use_tokens(call: Call) -> TransactionItem:
    """Sent again with the same key it is done once, and answered as it was."""
    wish: Use = call.body
    key = _key(call, wish.key)
    async with call.state["db"].transaction() as conn:
        transfer = await service.use(
            conn, call.known.id, wish.amount, feature=wish.feature, key=key, reason=wish.reason
        )
    await events.notify(call.state["bus"], call.known.id)
    return _transaction(transfer)


@routes.post(
    "/api/tokens/add",
    summary="Give somebody tokens",
    auth=ADMIN,
    scope=ADMIN_SCOPE,
    body=Addition,
    reply=TransactionItem,
    status=201,
    errors=(NotFound, IdempotencyConflict),
)
async def add_tokens(call: Call) -> TransactionItem:
    """They count as earned; who gave them and why stays in the ledger and in the audit log."""
    wish: Addition = call.body
    key = f"{call.known.id}:{_key(call, wish.key)}"
    async with call.state["db"].transaction() as conn:
        if await contact_of(conn, wish.user) is None:
            raise NotFound("There is no such person.")
        await audit.record(
            conn,
            "tokens.added",
            "tokens",
            call.origin,
            principal_id=call.known.id,
            severity="notice",
            user=str(wish.user),
            amount=wish.amount,
            reason=wish.reason,
            key=key,
        )
        transfer = await service.add(conn, wish.user, wish.amount, key=key, reason=wish.reason)
    await events.notify(call.state["bus"], wish.user)
    return _transaction(transfer)


@routes.get(
    "/api/tokens/analytics",
    summary="The caller's use by feature and day",
    auth=USER,
    query=AnalyticsQuery,
    reply=AnalyticsReply,
)
async def read_token_analytics(call: Call) -> AnalyticsReply:
    """Days begin in the person's own zone."""
    async with call.state["db"].connection() as conn:
        usage = await statements.read_usage(
            conn, call.known.id, call.state["clock"].now(), call.known.zone, call.query.days
        )
    return AnalyticsReply.model_validate(usage, from_attributes=True)


def _key(call: Call, in_body: str | None) -> str:
    """What the caller names this request, by header or body; without a name each request is a new one."""
    in_header = key_of(call)
    if None not in {in_header, in_body} and in_header != in_body:
        raise ValidationFailed("Header and body name different keys.", field="key")
    return in_header or in_body or uuid.uuid4().hex


def _transaction(transfer: Transfer, hold: HoldState | None = None) -> TransactionItem:
    assert transfer.available is not None
    return TransactionItem(
        id=str(transfer.id),
        type=transfer.type,
        amount=transfer.amount,
        available=transfer.available,
        feature=transfer.feature,
        reason=transfer.reason,
        job=_text(transfer.job_id),
        hold=hold,
        created_at=transfer.created_at.timestamp(),
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
