"""Plan, tokens and bills on the account page; the offer at a limit; and coming back from paying."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tests.web.reception import EMAIL, Reception, logs_in, subscription
from tests.web.test_account import comes, looked_at
from tests.web.test_real_account import follows_the_link

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

EVENT: Final = """(type) => document.querySelector('sw-shell').player.dispatchEvent(
  new CustomEvent('event', { detail: { type, data: { type: 'purchase' } } }))"""


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 320)])
def test_every_state_of_a_plan(posed: Theatre, theme: str, width: int) -> None:
    with posed.open(width, 800, color_scheme=theme) as screen:
        reception = comes(screen, "plan")
        page = screen.page
        page.wait_for_selector(".plan-card >> text=No card: it ends by itself.")
        page.wait_for_selector("text=No invoices yet.")
        looked_at(screen, "trial")
        said = {
            "until": subscription("pro", cancel_at_period_end=True),
            "did not go through": subscription("pro", status="past_due"),
            "No card, no end.": subscription("free"),
            "€9.00 a month. Next payment on": subscription("pro"),
        }
        for sentence, state in said.items():
            reception.subscription = state
            page.evaluate(EVENT, "billing.updated")
            page.wait_for_selector(f".plan-card >> text={sentence}")
        page.wait_for_selector(".bill >> text=€9.00")
        assert "Returned, no charge: the beat failed +10" in screen.text(".ledger")
        assert screen.text(".balance") == "120"
        looked_at(screen, "pro")


def test_a_plan_is_cancelled_in_place_and_taken_back(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "plan")
        reception.subscription = subscription("pro")
        page.evaluate(EVENT, "billing.updated")
        page.click(".plan-card >> text=Cancel plan")
        page.wait_for_selector("dialog >> text=You keep Pro until")
        looked_at(screen, "cancel")
        page.click("text=Keep it")
        page.wait_for_selector("dialog", state="detached")
        assert "POST billing/cancel" not in reception.asked
        page.click(".plan-card >> text=Cancel plan")
        page.fill("#cancel-reason", "Holidays")
        page.click("dialog .submit")
        page.wait_for_selector("[role=status] >> text=Cancelled. You keep Pro until")
        page.click(".plan-card button >> text=Keep Pro")
        page.wait_for_selector("[role=status] >> text=Your plan goes on.")
        page.wait_for_selector(".plan-card >> text=Cancel plan")


def test_tokens_are_offered_and_nothing_sold_is_said(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "plan")
        page.click("text=Get more")
        page.wait_for_selector("dialog >> text=€5.00")
        looked_at(screen, "packs")
        reception.refuse("POST tokens/purchase", 403, "email_not_verified")
        page.click("dialog >> text=€5.00")
        page.wait_for_selector("dialog >> text=Refused: email_not_verified.")


def test_what_was_paid_for_is_there_when_the_provider_says_so(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = logs_in(screen)
        page.evaluate("location.hash = 'paid'")
        page.wait_for_selector("dialog >> text=Your payment is being confirmed.")
        looked_at(screen, "paid")
        reception.me["plan"] = "pro"
        page.evaluate(EVENT, "billing.updated")
        page.wait_for_selector("dialog >> text=Pro is yours, from now on.")
        page.evaluate(EVENT, "tokens.changed")
        page.wait_for_selector("dialog >> text=Your tokens are there.")
        page.keyboard.press("Escape")
        page.evaluate("location.hash = 'unpaid'")
        page.wait_for_selector("dialog >> text=Nothing was charged, and everything is as it was.")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 320)])
def test_where_the_free_minutes_end_is_an_offer_and_a_way_past_it(
    posed: Theatre, theme: str, width: int
) -> None:
    with posed.open(width, 800, color_scheme=theme, timezone_id="UTC") as screen:
        page = screen.page
        reception = Reception(screen)
        screen.begin()
        screen.pose(limit={"left_s": 0, "resets_at": 1_794_700_800})
        screen.end("limit_reached")
        page.click("text=What Pro changes")
        page.wait_for_selector("dialog >> text=€9")
        assert screen.text("dialog h2") == "Your 30 free minutes are used."
        assert "They come back at 00:00." in screen.text("dialog")
        looked_at(screen, "paywall")
        page.click("text=Not now")
        page.wait_for_selector("dialog", state="detached")
        page.click("text=What Pro changes")
        page.click("dialog >> text=Upgrade to Pro")
        page.wait_for_selector("#auth-email")
        assert "POST billing/checkout" not in reception.asked


@pytest.mark.req("S1-45", "S1-105", "S1-109", "S1-110", "S1-111")
def test_paying_unlocks_by_itself(live: Theatre) -> None:
    at_home = replace(live, address=live.address.replace("127.0.0.1", "localhost"))
    with at_home.open() as screen:
        page = screen.page
        page.click(".door button")
        page.fill("#auth-email", f"payer.{EMAIL}")
        page.fill("#auth-password", "gentle rain")
        page.keyboard.press("Enter")
        page.click("text=Done")
        follows_the_link(screen, f"payer.{EMAIL}")
        page.evaluate("location.hash = 'account/plan'")
        page.wait_for_selector(".plan-card >> text=No card: it ends by itself.")
        page.click("text=Upgrade to Pro")
        page.click("dialog >> text=Upgrade to Pro")
        pays(screen)
        page.wait_for_selector("dialog >> text=Pro is yours, from now on.")
        page.click("dialog >> text=Plan and tokens")
        page.wait_for_selector(".plan-card >> text=€9.00 a month. Next payment on")
        page.wait_for_selector(".bill >> text=Paid")
        page.click(".plan-card >> text=Cancel plan")
        page.click("dialog .submit")
        page.wait_for_selector("[role=status] >> text=Cancelled. You keep Pro until")


def pays(screen: Screen) -> None:
    """On the page of the stand-in for payments."""
    screen.page.wait_for_url(re.compile("/pay/"))
    screen.page.click("button[value=pay]")
    screen.page.wait_for_selector("dialog >> text=Thank you")
