"""The composition root: which routes there are, what the process owns, and who gets what."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from dsp.listen import GranuleCache
from server.accounts import account_routes, administrators, login_routes, recovery, upkeep
from server.accounts import events as event_routes
from server.accounts import routes as access_routes
from server.accounts import service as accounts
from server.accounts.credentials import Credentials
from server.accounts.hooks import Deleted, Hooks
from server.accounts.limits import ACCOUNT_LIMITS
from server.accounts.page import page_routes
from server.accounts.passwords import Passwords
from server.billing import account_hooks as billing_hooks
from server.billing import routes as billing_routes
from server.billing import service as billing
from server.billing import trials, webhook_routes, webhooks
from server.billing import upkeep as billing_upkeep
from server.kit.api import API_LIMIT, Call, Routes
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import Database
from server.kit.docs_page import documented_routes
from server.kit.envelope import exception_handlers
from server.kit.events import Snapshots, read_after
from server.kit.health import health_routes
from server.kit.limits import Limit, Limits
from server.kit.middleware import middleware
from server.kit.refusals import Refusals
from server.listening import account_hooks as listening_hooks
from server.listening import library_routes, stats_routes
from server.listening import routes as listening_routes
from server.listening import service as listening
from server.listening.keeper import Keeper
from server.listening.renderer import ListenRenderer
from server.listening.standby import Standby
from server.providers import newsletter_routes, outbox_routes, post
from server.providers.checkout.pages import checkout_routes
from server.providers.checkout.provider import LocalPayments
from server.providers.checkout.setup import open_local
from server.providers.local import FolderMailer, outbox_of
from server.providers.newsletter import LocalNewsletter
from server.providers.pages import style_route
from server.realtime import asyncapi
from server.realtime.gateway import Gateway
from server.realtime.limits import Limits as GatewayLimits
from server.realtime.tickets import Tickets
from server.tokens import account_hooks as token_hooks
from server.tokens import routes as token_routes
from server.tokens import service as tokens
from server.tokens import social_routes
from server.tokens import sweeps as token_sweeps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from starlette.routing import Mount
    from starlette.types import Receive, Scope, Send

    from server.kit.db import Connection
    from server.kit.events import Page
    from server.kit.principal import Principal
    from server.kit.settings import Settings
    from server.providers.payments import Payments
    from server.providers.ports import Mailer, Newsletter

TITLE: Final = "Soundwell"
VERSION: Final = "0.1.0"
"""As in `pyproject.toml`; a test compares them."""
DESCRIPTION: Final = (
    "Sound is live on the socket at `/ws` (see `/api/asyncapi.json`); this is everything else. "
    "Every JSON answer is `{ok: true, data}` or `{ok: false, error, code, request_id}`."
)
SCHEDULES: Final = (
    *upkeep.SCHEDULES,
    *listening.SCHEDULES,
    *post.SCHEDULES,
    *token_sweeps.SCHEDULES,
    *billing_upkeep.SCHEDULES,
)
"""What the worker does by the clock, from all slices."""


def hooks_of(newsletter: Newsletter) -> Hooks:
    """What the slices do when something happens to an account; the newsletter knows people by address."""

    async def forget(conn: Connection, deleted: Deleted) -> None:
        await newsletter.forget(conn, deleted.email)

    return Hooks(
        on_registered=(trials.start,),
        on_guest_claimed=(listening_hooks.claim,),
        on_deleted=(listening_hooks.delete, token_hooks.delete, billing_hooks.delete, forget),
        on_exported=(listening_hooks.export, token_hooks.export, billing_hooks.export),
    )


def mailer_of(settings: Settings) -> Mailer:
    """Who carries our letters; each vendor is loaded when it is chosen."""
    if settings.mail == "smtp":
        from server.providers.vendor.smtp import SmtpMailer  # noqa: PLC0415 - its package is an extra

        return SmtpMailer.of(settings)
    if settings.mail == "mailgun":
        from server.providers.vendor.mailgun import MailgunMailer  # noqa: PLC0415 - only whoever uses it

        return MailgunMailer.of(settings)
    return FolderMailer(outbox_of(settings))


def payments_of(settings: Settings, database: Database, clock: Clock) -> Payments | None:
    """Who takes the payments; each vendor is loaded when it is chosen. None: nothing can be bought."""
    if settings.payment_provider == "local":
        return open_local(settings, database, clock)
    if settings.payment_provider == "stripe":
        from server.providers.vendor.stripe import StripePayments  # noqa: PLC0415 - its package is an extra

        return StripePayments.of(settings)
    if settings.payment_provider == "lemonsqueezy":
        from server.providers.vendor.lemonsqueezy import LemonSqueezyPayments  # noqa: PLC0415 - only whoever uses it

        return LemonSqueezyPayments.of(settings)
    return None


JOBS: Final = (
    post.send_job(mailer_of),
    *recovery.JOBS,
    webhooks.apply_job(payments_of),
    billing_hooks.end_job(payments_of),
)
"""What the worker does when it is asked, from all slices."""


class AppState(
    access_routes.AccountsState,
    event_routes.EventsState,
    newsletter_routes.MailState,
    billing_routes.BillingState,
):
    """Everything that the lifespan yields."""

    gateway: Gateway


def route_groups() -> list[Routes]:
    """The declared routes of all slices."""
    return [
        access_routes.routes,
        login_routes.routes,
        account_routes.routes,
        event_routes.routes,
        listening_routes.routes,
        library_routes.routes,
        stats_routes.routes,
        token_routes.routes,
        social_routes.routes,
        billing_routes.routes,
        webhook_routes.routes,
        newsletter_routes.routes,
        outbox_routes.routes,
        health_routes(VERSION),
        _wire_routes(),
    ]


def create_app(settings: Settings) -> Starlette:
    """The application; nothing is opened before its lifespan begins."""
    documented = documented_routes(
        route_groups(),
        authenticate=access_routes.authenticate,
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
    )
    return Starlette(
        routes=[*documented, *_pages(), WebSocketRoute("/ws", _Socket())],
        middleware=middleware(settings),
        exception_handlers=exception_handlers(),
        lifespan=lambda _: _lifespan(settings),
    )


def _pages() -> list[Route | Mount]:
    """The page itself; where letters lead, and where they stay that do not leave; where one pays nothing."""
    return [
        *page_routes(),
        *newsletter_routes.newsletter_pages(),
        *outbox_routes.outbox_pages(),
        *checkout_routes(),
        style_route,
    ]


def _wire_routes() -> Routes:
    """The socket's own document."""
    routes = Routes("operation")
    text = json.dumps(asyncapi.document(VERSION))

    @routes.get("/api/asyncapi.json", summary="The messages of the socket", media="application/json")
    async def read_asyncapi(_: Call) -> Response:
        return Response(text, media_type="application/json")

    return routes


class _Socket:
    """Hands a connection to the gateway of the running process."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["state"]["gateway"](scope, receive, send)


@contextlib.asynccontextmanager
async def _lifespan(settings: Settings) -> AsyncGenerator[AppState]:
    """Resources in the order of their need; they are given up in the reverse order."""
    async with contextlib.AsyncExitStack() as stack:
        clock = Clock()
        database = await Database.connect(settings.database_url, connections=settings.database_connections)
        stack.push_async_callback(database.close)
        bus = await Bus.connect(settings.redis_url)
        stack.push_async_callback(bus.close)
        snapshots = Snapshots()
        snapshots.register("listen", listening.snapshot)
        snapshots.register("tokens", tokens.snapshot)
        snapshots.register("billing", lambda db, user: billing.snapshot(db, user, clock.now()))
        payments = await stack.enter_async_context(_paying(settings, database, clock))
        tickets = Tickets(bus, settings.secret, clock)
        keeper = Keeper(database, bus, clock, settings.free_listening_s)
        await stack.enter_async_context(keeper.running())
        guests = accounts.GuestGate(bus, settings.guests_per_hour, counts_loopback=settings.is_production)
        renderer, standby = ListenRenderer(GranuleCache()), Standby(clock)
        opener = listening.Listening(database, bus, clock, keeper, renderer, standby, guests)
        gateway = _gateway(settings, database, bus, clock, tickets, snapshots, opener)
        await stack.enter_async_context(gateway.running())
        limits = Limits(bus, _limits(settings))
        newsletter = LocalNewsletter(settings.public_url)
        passwords = Passwords()
        stack.callback(passwords.close)
        people = accounts.Accounts(
            database=database,
            bus=bus,
            clock=clock,
            limits=limits,
            credentials=Credentials(settings.secret, clock),
            passwords=passwords,
            hooks=hooks_of(newsletter),
            plan_of=billing.plan_of,
            end_authority=gateway.revoke,
            page_url=settings.public_url,
            is_production=settings.is_production,
        )
        refusals = Refusals(database, clock)
        await stack.enter_async_context(refusals.running())
        await administrators.offer(database, settings.admin_token)
        yield AppState(
            accounts=people,
            settings=settings,
            db=database,
            bus=bus,
            clock=clock,
            limits=limits,
            refusals=refusals,
            snapshots=snapshots,
            credentials=people.credentials,
            tickets=tickets,
            guests=guests,
            event_streams=Counter(),
            gateway=gateway,
            newsletter=newsletter,
            payments=payments,
            local_payments=payments if isinstance(payments, LocalPayments) else None,
        )


@contextlib.asynccontextmanager
async def _paying(settings: Settings, database: Database, clock: Clock) -> AsyncGenerator[Payments | None]:
    """Who takes the payments; the local company runs in this process."""
    payments = payments_of(settings, database, clock)
    if payments is None:
        yield None
        return
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(payments.close)
        if isinstance(payments, LocalPayments):
            await stack.enter_async_context(payments.running())
        yield payments


def _limits(settings: Settings) -> Sequence[Limit]:
    return (
        Limit(API_LIMIT, settings.requests_per_minute, 60.0),
        Limit(newsletter_routes.LIMIT, newsletter_routes.PER_HOUR, 3600.0),
        *ACCOUNT_LIMITS,
        *billing_routes.LIMITS,
        *webhook_routes.LIMITS,
    )


def _gateway(
    settings: Settings,
    database: Database,
    bus: Bus,
    clock: Clock,
    tickets: Tickets,
    snapshots: Snapshots,
    opener: listening.Listening,
) -> Gateway:
    """The gateway knows no slice; it gets functions."""

    async def authenticate(ticket: str, origin: str | None) -> Principal | None:
        claims = await tickets.redeem(ticket, origin)
        return None if claims is None else accounts.principal_of(claims)

    async def describe(principal: Principal) -> Mapping[str, object]:
        return {**accounts.describe(principal), "allowance": await opener.keeper.left(principal)}

    async def read_events(principal_id: UUID, epoch: int | None, seq: int, limit: int) -> Page:
        return await read_after(database, principal_id, epoch, seq, limit)

    async def take_snapshot(principal_id: UUID, topics: Sequence[str]) -> Mapping[str, Any]:
        return await snapshots.take(database, principal_id, topics)

    return Gateway(
        openers={"listen": opener.open},
        authenticate=authenticate,
        describe=describe,
        bus=bus,
        read_events=read_events,
        snapshot=take_snapshot,
        origins=settings.origins,
        clock=clock,
        standby=lambda: (opener.renderer, opener.standby.spans()),
        limits=GatewayLimits(capacity=settings.capacity),
    )
