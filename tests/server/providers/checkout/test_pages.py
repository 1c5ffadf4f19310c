from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.providers.checkout.cards import GOOD
from server.providers.checkout.sheets import NOTICE
from tests.server.providers.checkout.conftest import PACK, PRO, SITE

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.server.providers.checkout.conftest import Company

DECLINED, FAILS_LATER = "4000 0000 0000 0002", "4000 0000 0000 0341"


async def portal(company: Company) -> str:
    customer = await company.desk.create_customer("ada@example.org", "Ada", "customer:ada@example.org")
    return (await company.desk.open_portal(customer, f"{SITE}/dashboard")).removeprefix(SITE)


@pytest.mark.req("S1-85")
async def test_the_page_says_what_it_costs_and_that_no_money_is_taken(
    company: Company, browser_of_pages: TestClient
) -> None:
    page = browser_of_pages.get(await company.checkout())
    assert page.status_code == 200
    assert NOTICE in page.text
    assert "Soundwell Pro" in page.text
    assert "9.00 EUR a month" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


@pytest.mark.req("S1-40", "S3-177")
async def test_a_good_card_begins_a_subscription_and_leads_to_the_success_page(
    company: Company, browser_of_pages: TestClient
) -> None:
    path = await company.checkout()
    paid = browser_of_pages.post(path, data={"number": GOOD, "action": "pay"})
    assert (paid.status_code, paid.headers["location"]) == (303, f"{SITE}/billing/success")
    assert await company.types() == ["customer.subscription.created", "invoice.paid"]
    again = browser_of_pages.post(path, data={"number": GOOD, "action": "pay"})
    assert again.headers["location"] == f"{SITE}/billing/success"
    assert len(await company.told()) == 2


async def test_not_now_leads_to_the_cancel_page_and_nothing_happens(
    company: Company, browser_of_pages: TestClient
) -> None:
    path = await company.checkout()
    left = browser_of_pages.post(path, data={"number": "", "action": "cancel"})
    assert (left.status_code, left.headers["location"]) == (303, f"{SITE}/billing/cancel")
    assert await company.told() == []


async def test_a_declined_card_can_be_followed_by_another(
    company: Company, browser_of_pages: TestClient
) -> None:
    path = await company.checkout(PACK)
    declined = browser_of_pages.post(path, data={"number": DECLINED, "action": "pay"})
    assert declined.status_code == 402
    assert "declined" in declined.text
    assert browser_of_pages.post(path, data={"number": GOOD, "action": "pay"}).status_code == 303
    assert await company.types() == ["payment_intent.payment_failed", "payment_intent.succeeded"]


@pytest.mark.req("S0-47", "S1-84")
async def test_a_real_card_is_not_taken_and_no_number_is_kept(
    company: Company, browser_of_pages: TestClient
) -> None:
    path = await company.checkout()
    refused = browser_of_pages.post(path, data={"number": "4111 1111 1111 1111", "action": "pay"})
    assert refused.status_code == 422
    assert "4111 1111" not in refused.text
    browser_of_pages.post(path, data={"number": GOOD, "action": "pay"})
    async with company.database.connection() as conn:
        kept = await conn.fetchval("SELECT string_agg(c::text, '') FROM local_customers AS c")
    assert "4242" in kept
    assert GOOD not in kept


@pytest.mark.req("S3-188")
async def test_the_portal_cancels_takes_back_and_changes_the_card(
    company: Company, browser_of_pages: TestClient
) -> None:
    browser_of_pages.post(await company.checkout(PRO), data={"number": FAILS_LATER, "action": "pay"})
    subscription = await company.about("customer.subscription.created")
    path = await portal(company)
    assert "Card ending in 0341" in browser_of_pages.get(path).text
    for action, is_cancelled in (("cancel", True), ("resume", False)):
        done = browser_of_pages.post(path, data={"action": action, "subscription": subscription})
        assert (done.status_code, done.headers["location"]) == (303, path)
        remote = await company.desk.fetch_subscription(subscription)
        assert remote.cancel_at_period_end is is_cancelled
    browser_of_pages.post(path, data={"action": "card", "number": GOOD})
    assert "Card ending in 4242" in browser_of_pages.get(path).text
    refused = browser_of_pages.post(path, data={"action": "card", "number": DECLINED})
    assert refused.status_code == 422
    assert "Card ending in 4242" in refused.text


async def test_a_card_that_works_pays_what_was_left_open(
    company: Company, browser_of_pages: TestClient
) -> None:
    browser_of_pages.post(await company.checkout(PRO), data={"number": FAILS_LATER, "action": "pay"})
    subscription = await company.about("customer.subscription.created")
    await company.desk.advance(32 * 86_400)
    assert (await company.desk.fetch_subscription(subscription)).status == "past_due"
    page = browser_of_pages.get(path := await portal(company)).text
    assert "waits for a card that works" in page
    browser_of_pages.post(path, data={"action": "card", "number": GOOD})
    assert (await company.desk.fetch_subscription(subscription)).status == "active"
    assert (await company.desk.fetch_invoice(await company.about("invoice.paid"))).status == "paid"


async def test_the_portal_of_one_does_not_reach_the_subscription_of_another(
    company: Company, browser_of_pages: TestClient
) -> None:
    browser_of_pages.post(
        await company.checkout(email="eve@example.org"), data={"number": GOOD, "action": "pay"}
    )
    subscription = await company.about("customer.subscription.created")
    refused = browser_of_pages.post(
        await portal(company), data={"action": "cancel", "subscription": subscription}
    )
    assert refused.status_code == 422
    assert not (await company.desk.fetch_subscription(subscription)).cancel_at_period_end


async def test_addresses_that_are_old_or_invented_lead_nowhere(
    company: Company, browser_of_pages: TestClient
) -> None:
    page, old_portal = await company.checkout(), await portal(company)
    for path in ("/pay/cs_nobody", "/pay/portal/ps_nobody", "/pay/a%00b", "/pay/portal/a%00b"):
        assert browser_of_pages.get(path).status_code == 404
    await company.desk.advance(25 * 3600)
    for path in (page, old_portal):
        assert browser_of_pages.get(path).status_code == 404


async def test_a_name_is_shown_and_not_obeyed(company: Company, browser_of_pages: TestClient) -> None:
    path = await company.checkout(type(PRO)("x", "<b>Pro</b>", 1, "EUR", ""))
    text = browser_of_pages.get(path).text
    assert "&lt;b&gt;Pro&lt;/b&gt;" in text
    assert "<b>" not in text
    assert browser_of_pages.get("/pay/pay.css").headers["content-type"].startswith("text/css")
