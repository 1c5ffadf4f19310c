"""HTTP of billing: plans, the own subscription, checkout, cancellation, portal, invoices."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

from pydantic import Field, StringConstraints

from server.accounts.errors import NotVerified
from server.billing import service, store
from server.billing.buying import Till, Wish
from server.billing.errors import AlreadySubscribed, NoCustomer, NoSubscription, UnknownPlan
from server.kit.api import ANYONE, NO_NUL, USER, Alias, Call, Model, Routes, State
from server.kit.errors import Forbidden, NotFound, ProviderError, RateLimited
from server.kit.idempotency import answered_once
from server.kit.limits import Limit
from server.providers.payments import Item, Payments, ProviderMissing
from server.tokens import statements

if TYPE_CHECKING:
    from server.billing.store import InvoiceRow, PriceRow, SubscriptionRow
    from server.kit.db import Connection
    from server.providers.checkout.provider import LocalPayments

CHECKOUT_LIMIT: Final = "user.checkout"
CHANGE_LIMIT: Final = "user.subscription"
LIMITS: Final = (Limit(CHECKOUT_LIMIT, 10, 3600.0), Limit(CHANGE_LIMIT, 20, 3600.0))
LONGEST_PAGE: Final = 100
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CURSOR: Final = r"^[0-9]{1,16}-[0-9a-f]{32}$"

Every = Literal["month", "year"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]

routes = Routes("billing", scope="billing")


class BillingState(State):
    """What billing adds to the state of the process."""

    payments: Payments | None
    """None: nothing can be bought here."""
    local_payments: LocalPayments | None
    """The same, if it is the stand-in."""


class Price(Model):
    """What a plan costs."""

    id: str
    every: Every
    amount_minor: int
    currency: str


class Plan(Model):
    """What a plan includes."""

    name: str
    title: str
    monthly_tokens: int
    limits: dict[str, int | None]
    """By feature; null: nothing is counted."""
    prices: list[Price]


class Plans(Model):
    """From the least to the most."""

    plans: list[Plan]


class SubscriptionItem(Model):
    """One subscription, or the trial."""

    plan: str
    price_id: str | None
    status: str
    period_start: float
    """Unix seconds."""
    period_end: float
    cancel_at_period_end: bool
    ended_at: float | None


class Subscription(Model):
    """What a person has now, and what it includes."""

    plan: str
    title: str
    entitlements: dict[str, int | None]
    status: str
    period_end: float | None
    cancel_at_period_end: bool
    trial_ends: float | None
    history: list[SubscriptionItem] | None
    """Everything that there ever was, newest first, if it was asked for."""


class SubscriptionQuery(Model):
    """How much is asked for."""

    all: Literal["0", "1"] = "0"


class History(Model):
    """Every subscription that a person ever had, newest first."""

    subscriptions: list[SubscriptionItem]


class CheckoutBody(Model):
    """Which plan, in today's words or in those of older clients."""

    plan_id: Name | None = Field(None, description="A plan, or one of its prices: `pro`, `pro-year`.")
    every: Every = "month"
    price_id: Name | None = Field(None, alias="priceId")
    user_id: uuid.UUID | None = Field(None, alias="userId")


class PurchaseBody(Model):
    """Which pack of tokens."""

    pack_id: Name


class ChangeBody(Model):
    """The plan to change to."""

    plan_id: Name
    every: Every = "month"


class CancelBody(Model):
    """Why somebody goes, if they say."""

    reason: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = ""


class Address(Model):
    """Where to go next."""

    url: str


class Cancellation(Model):
    """What was cancelled, and until when it can be used."""

    plan: str
    status: str
    cancel_at_period_end: bool
    access_until: float
    """Unix seconds."""
    reason: str


class InvoiceQuery(Model):
    """A page of the list."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 20
    cursor: Annotated[str, StringConstraints(pattern=CURSOR)] | None = Field(
        None, description="`next_cursor` of the page before."
    )


class Invoice(Model):
    """A bill."""

    id: str
    amount_minor: int
    currency: str
    status: str
    url: str
    issued_at: float
    paid_at: float | None


class Invoices(Model):
    """Newest first."""

    invoices: list[Invoice]
    next_cursor: str | None


@routes.get(
    "/api/billing/plans",
    summary="What can be had, and for how much",
    auth=ANYONE,
    reply=Plans,
    aliases=(Alias("/api/subscriptions/plans", ("plans",)),),
)
async def list_plans(call: Call) -> Plans:
    """The free plan has no price."""
    async with call.state["db"].connection() as conn:
        plans, prices = await store.list_plans(conn), await store.list_prices(conn)
    sold = [plan for plan in plans if plan.name != service.TRIAL]
    return Plans(
        plans=[
            Plan(
                name=plan.name,
                title=plan.title,
                monthly_tokens=plan.monthly_tokens,
                limits=dict(plan.limits),
                prices=[_price(price) for price in prices if price.plan == plan.name],
            )
            for plan in sold
        ]
    )


@routes.get(
    "/api/billing/subscription",
    summary="The own plan and what gives it; with `all=1` also everything before",
    auth=USER,
    query=SubscriptionQuery,
    reply=Subscription,
    aliases=(Alias("/api/subscriptions/current"),),
)
async def read_subscription(call: Call) -> Subscription:
    """Who never bought anything has the free plan, or the trial."""
    async with call.state["db"].connection() as conn:
        return await _subscription(call, conn, with_history=call.query.all == "1")


@routes.get(
    "/api/subscriptions/history",
    summary="Every subscription that the caller ever had",
    auth=USER,
    reply=History,
)
async def list_subscriptions(call: Call) -> History:
    """Newest first; the trial is one too."""
    async with call.state["db"].connection() as conn:
        return History(subscriptions=await _history(call, conn))


@routes.post(
    "/api/billing/checkout",
    summary="Begin a first subscription: the address of the page where it is paid",
    auth=USER,
    body=CheckoutBody,
    reply=Address,
    errors=(
        UnknownPlan,
        RateLimited,
        NotFound,
        NotVerified,
        AlreadySubscribed,
        ProviderMissing,
        ProviderError,
    ),
    aliases=(
        Alias("/api/billing/create-checkout-session", ("url",)),
        Alias("/api/create-checkout-session", ("url",)),
        Alias("/create-checkout-session", ("url",)),
        Alias("/api/subscriptions/checkout", ("url",)),
    ),
)
async def create_checkout(call: Call) -> Address:
    """Refused in this order: who asks, for what, how often, whether they exist, are verified, have one."""
    if call.body.user_id not in {None, call.known.id}:
        raise Forbidden("This is the account of somebody else.")
    wanted = call.body.plan_id or call.body.price_id or "pro"
    item = await _item(call, wanted, call.body.every)
    await _count(call, CHECKOUT_LIMIT)

    async def begin() -> Address:
        return Address(url=await till_of(call).subscribe(item))

    return await answered_once(call, Address, begin)


@routes.post(
    "/api/tokens/purchase",
    summary="Begin to buy a pack of tokens: the address of the page where it is paid",
    auth=USER,
    body=PurchaseBody,
    reply=Address,
    flat=("url",),
    errors=(NotFound, RateLimited, NotVerified, ProviderMissing, ProviderError),
)
async def purchase_tokens(call: Call) -> Address:
    """The tokens come when the provider says that they are paid for, and once."""
    async with call.state["db"].connection() as conn:
        pack = await statements.fetch_pack(conn, call.body.pack_id)
    await _count(call, CHECKOUT_LIMIT)
    item = Item(pack.id, f"Soundwell {pack.title}", pack.price_minor, pack.currency, "")

    async def begin() -> Address:
        return Address(url=await till_of(call).purchase(Wish("token_pack", item, pack.amount)))

    return await answered_once(call, Address, begin)


@routes.put(
    "/api/billing/subscription",
    summary="Change to another plan, up or down, or take a cancellation back",
    auth=USER,
    body=ChangeBody,
    reply=SubscriptionItem,
    errors=(UnknownPlan, RateLimited, NoSubscription, ProviderMissing, ProviderError),
    aliases=(Alias("/api/subscriptions/update"),),
)
async def change_subscription(call: Call) -> SubscriptionItem:
    """The provider settles what was paid for already."""
    item = await _item(call, call.body.plan_id, call.body.every)
    await _count(call, CHANGE_LIMIT)
    return _subscription_item(await till_of(call).change(item))


@routes.post(
    "/api/billing/cancel",
    summary="Cancel: it can be used until the end of what is paid",
    auth=USER,
    body=CancelBody,
    reply=Cancellation,
    errors=(RateLimited, NoSubscription, ProviderMissing, ProviderError),
    aliases=(Alias("/api/billing/cancel-subscription"), Alias("/api/subscriptions/cancel")),
)
async def cancel_subscription(call: Call) -> Cancellation:
    """Nothing is lost before that day, and a mail confirms it."""
    await _count(call, CHANGE_LIMIT)

    async def cancel() -> Cancellation:
        row = await till_of(call).cancel(call.body.reason)
        return Cancellation(
            plan=row.plan,
            status=row.status,
            cancel_at_period_end=row.cancel_at_period_end,
            access_until=row.period_end.timestamp(),
            reason=call.body.reason,
        )

    return await answered_once(call, Cancellation, cancel)


@routes.post(
    "/api/billing/portal",
    summary="The address of the provider's page for cards and bills",
    auth=USER,
    reply=Address,
    flat=("url",),
    errors=(RateLimited, NoCustomer, ProviderMissing, ProviderError),
    aliases=(
        Alias("/api/billing/customer-portal", ("url",)),
        Alias("/api/billing-portal", ("url",)),
        Alias("/billing-portal", ("url",)),
        Alias("/api/subscriptions/portal", ("url",)),
    ),
)
async def open_portal(call: Call) -> Address:
    """For who has bought something."""
    await _count(call, CHECKOUT_LIMIT)
    return Address(url=await till_of(call).open_portal())


@routes.get(
    "/api/billing/invoices",
    summary="The own invoices, newest first",
    auth=USER,
    query=InvoiceQuery,
    reply=Invoices,
)
async def list_invoices(call: Call) -> Invoices:
    """As the provider has them."""
    limit = call.query.limit
    after = None if call.query.cursor is None else _read_cursor(call.query.cursor)
    async with call.state["db"].connection() as conn:
        rows = await store.list_invoices(conn, call.known.id, after, limit + 1)
    page = rows[:limit]
    next_cursor = _cursor(page[-1]) if len(rows) > limit else None
    return Invoices(invoices=[_invoice(row) for row in page], next_cursor=next_cursor)


def billing_state(call: Call) -> BillingState:
    """The state, with what billing put there."""
    return cast("BillingState", call.state)


def till_of(call: Call) -> Till:
    """Where the caller buys."""
    state = billing_state(call)
    settings = state["settings"]
    return Till(
        db=state["db"],
        bus=state["bus"],
        clock=state["clock"],
        provider=state["payments"],
        site=settings.frontend_url or f"{settings.scheme}://{call.request.url.netloc}",
        user_id=call.known.id,
        origin=call.origin,
    )


async def _count(call: Call, limit: str) -> None:
    await call.state["limits"].hit(limit, str(call.known.id))


async def _item(call: Call, wanted: str, every: Every) -> Item:
    """Of a price's id, or of a plan's name and how often to pay."""
    till = till_of(call)
    try:
        return await till.find_item(wanted)
    except UnknownPlan:
        return await till.find_item(f"{wanted}-{every}")


async def _subscription(call: Call, conn: Connection, *, with_history: bool) -> Subscription:
    entitlements = await service.entitlements_of(conn, call.known.id, call.state["clock"].now())
    history = await _history(call, conn) if with_history else None
    return Subscription(**service.describe(entitlements), history=history)


async def _history(call: Call, conn: Connection) -> list[SubscriptionItem]:
    return [_subscription_item(row) for row in await store.list_subscriptions(conn, call.known.id)]


def _price(row: PriceRow) -> Price:
    return Price(id=row.id, every=row.every, amount_minor=row.amount_minor, currency=row.currency)


def _subscription_item(row: SubscriptionRow) -> SubscriptionItem:
    return SubscriptionItem(
        plan=row.plan,
        price_id=row.price_id,
        status=row.status,
        period_start=row.period_start.timestamp(),
        period_end=row.period_end.timestamp(),
        cancel_at_period_end=row.cancel_at_period_end,
        ended_at=None if row.ended_at is None else row.ended_at.timestamp(),
    )


def _invoice(row: InvoiceRow) -> Invoice:
    return Invoice(
        id=str(row.id),
        amount_minor=row.amount_minor,
        currency=row.currency,
        status=row.status,
        url=row.url,
        issued_at=row.issued_at.timestamp(),
        paid_at=None if row.paid_at is None else row.paid_at.timestamp(),
    )


def _cursor(row: InvoiceRow) -> str:
    """Where the row stands in the order: its moment, to the microsecond as in the database, and its id."""
    return f"{(row.issued_at - EPOCH) // dt.timedelta(microseconds=1)}-{row.id.hex}"


def _read_cursor(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    microseconds, _, invoice = cursor.partition("-")
    return EPOCH + dt.timedelta(microseconds=int(microseconds)), uuid.UUID(hex=invoice)
