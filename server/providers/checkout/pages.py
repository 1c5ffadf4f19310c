"""The stand-in's hosted pages: a checkout and a portal. Who has the address may act: it cannot be guessed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl

from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.providers.checkout import renewals, sheets, store
from server.providers.checkout.cards import Card, find_card

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.kit.db import Connection
    from server.providers.checkout.provider import LocalPayments
    from server.providers.checkout.store import Checkout, Portal

STYLE: Final = Path(__file__).with_name("pay.css")
CHECKOUT_AGE: Final = dt.timedelta(hours=24)
PORTAL_AGE: Final = dt.timedelta(hours=1)
SEE_OTHER: Final = 303
UNKNOWN_CARD: Final = "This page knows only the test cards below. Please do not enter a real one."
DECLINED: Final = "The card was declined. Nothing was paid; you can try another."


def checkout_routes() -> list[Route]:
    """`/pay/…`; they are there only while the stand-in takes the payments."""
    return [
        Route("/pay/pay.css", _style),
        Route("/pay/portal/{portal}", _portal, methods=["GET", "POST"]),
        Route("/pay/{checkout}", _checkout, methods=["GET", "POST"]),
    ]


async def _style(_: Request) -> Response:
    return FileResponse(STYLE, headers={"Cache-Control": "no-cache"})


async def _checkout(request: Request) -> Response:
    desk = _desk(request)
    if desk is None:
        return _gone()
    form = await _form(request)
    async with desk.database.transaction() as conn:
        checkout = await store.lock_checkout(conn, _named(request, "checkout"))
        now = await desk.now(conn)
        if checkout is None or checkout.created_at + CHECKOUT_AGE < now:
            return _gone()
        if checkout.is_done:
            return RedirectResponse(checkout.success_url, SEE_OTHER)
        answer = await _pay(conn, checkout, form, now)
    desk.courier.wake()
    return answer


async def _pay(conn: Connection, checkout: Checkout, form: dict[str, str], now: dt.datetime) -> Response:
    """One press of a button; without one, the page."""
    if not form:
        return _html(sheets.checkout_page(checkout))
    if form.get("action") == "cancel":
        return RedirectResponse(checkout.cancel_url, SEE_OTHER)
    card = find_card(form.get("number", ""))
    if card is None:
        return _html(sheets.checkout_page(checkout, UNKNOWN_CARD), 422)
    if not card.is_accepted:
        if not checkout.every:
            await renewals.record_payment(conn, checkout, now, is_paid=False)
        return _html(sheets.checkout_page(checkout, DECLINED), 402)
    await store.lock_customer(conn, checkout.customer_id)
    await store.set_card(conn, checkout.customer_id, card.last4, is_good=card.is_good)
    if checkout.every:
        await renewals.start_subscription(conn, checkout, now)
    else:
        await renewals.record_payment(conn, checkout, now, is_paid=True)
    await store.finish_checkout(conn, checkout.id)
    return RedirectResponse(checkout.success_url, SEE_OTHER)


async def _portal(request: Request) -> Response:
    desk = _desk(request)
    if desk is None:
        return _gone()
    form = await _form(request)
    async with desk.database.transaction() as conn:
        portal = await store.find_portal(conn, _named(request, "portal"))
        now = await desk.now(conn)
        if portal is None or portal.created_at + PORTAL_AGE < now:
            return _gone()
        card = find_card(form.get("number", ""))
        wrong = await _act(conn, portal, form, card, now)
        customer = await store.lock_customer(conn, portal.customer_id)
        assert customer is not None
        subscriptions = await store.list_subscriptions(conn, portal.customer_id)
        invoices = await store.list_invoices(conn, portal.customer_id)
    desk.courier.wake()
    if form and not wrong:
        return RedirectResponse(request.url.path, SEE_OTHER)
    return _html(sheets.portal_page(portal, customer, subscriptions, invoices, wrong), 422 if wrong else 200)


async def _act(
    conn: Connection, portal: Portal, form: dict[str, str], card: Card | None, now: dt.datetime
) -> str:
    """Do what was asked; returns what is wrong with it."""
    await store.lock_customer(conn, portal.customer_id)
    if form.get("action") in {"cancel", "resume"}:
        found = await store.find_subscription(conn, form.get("subscription", ""), locked=True)
        if found is None or found.customer_id != portal.customer_id or found.status == "ended":
            return "There is no such subscription."
        changed = replace(found, cancel_at_period_end=form["action"] == "cancel")
        await store.put_subscription(conn, changed)
        await renewals.tell(conn, changed, "updated", now)
    elif form.get("action") == "card":
        if card is None or not card.is_accepted:
            return UNKNOWN_CARD if card is None else DECLINED
        await store.set_card(conn, portal.customer_id, card.last4, is_good=card.is_good)
        if card.is_good:
            await renewals.pay_what_is_open(conn, portal.customer_id, now)
    return ""


def _desk(request: Request) -> LocalPayments | None:
    return cast("LocalPayments | None", request.state.local_payments)


def _named(request: Request, name: str) -> str:
    """A part of the path; no name of ours has a zero character, and Postgres takes none."""
    return str(request.path_params[name]).replace("\x00", "")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; none of a request without one. No person types a zero character."""
    if request.method != "POST":
        return {}
    body = (await request.body()).decode(errors="replace").replace("\x00", "").replace("%00", "")
    return dict(parse_qsl(body)) or {"action": ""}


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _gone() -> Response:
    return _html(sheets.message_page("Nothing to pay", "This page has expired or never was."), 404)
