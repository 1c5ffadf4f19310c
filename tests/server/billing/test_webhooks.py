from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from server.billing import event_store, webhooks
from server.billing.service import instant
from server.billing.webhooks import ATTEMPTS, Inbox
from server.kit.errors import ProviderError
from server.providers.payments import BadSignature, InboundEvent
from tests.server.billing.house import DAY_S, ORIGIN

if TYPE_CHECKING:
    from server.providers.payments import RemoteSubscription
    from tests.server.billing.house import House


async def events_of(house: House) -> list[Any]:
    return await house.rows("SELECT * FROM payment_events ORDER BY id")


@pytest.mark.req("S1-43", "S1-45", "S3-181", "S4-48", "S4-51")
async def test_what_was_paid_is_there_with_its_event_and_its_line_in_the_log(house: House) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    assert await house.plan(user) == "free"
    await house.settle()
    assert await house.plan(user) == "pro"
    (row,) = await house.subscriptions(user)
    assert (row.remote_id, row.status, row.plan, row.price_id) == (remote, "active", "pro", "pro-month")
    assert "billing.subscription_started" in await house.actions(user)
    told = await house.events(user)
    assert told[0][0] == "billing.updated"
    assert told[0][1]["plan"] == "pro"
    assert told[0][1]["entitlements"]["multi_project"] is None


@pytest.mark.req("S1-41", "S3-185", "S4-59")
async def test_a_forged_message_is_refused_and_written_down(house: House) -> None:
    with pytest.raises(BadSignature):
        await house.inbox.receive(b"{}", {"local-signature": "t=1,v1=0"}, ORIGIN)
    assert await events_of(house) == []
    (line,) = await house.rows("SELECT * FROM audit_logs")
    assert (line["action"], line["category"], line["address"]) == (
        "security.webhook_refused",
        "security",
        ORIGIN.address,
    )


@pytest.mark.req("S1-42", "S2-65", "S1-27")
async def test_the_same_message_twice_is_kept_once_and_done_once(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    bodies = [row["payload"].encode() for row in await house.rows("SELECT payload FROM local_deliveries")]
    assert [await house.receive(body) for body in (*bodies, *bodies)] == [True, True, False, False]
    await house.settle()
    await house.settle()
    assert [event["status"] for event in await events_of(house)] == ["applied", "applied"]
    assert len(await house.events(user)) == 2
    assert (await house.actions(user)).count("billing.subscription_started") == 1


@pytest.mark.req("S4-93")
async def test_the_message_is_kept_as_it_was_signed(house: House) -> None:
    await house.subscribe(await house.person())
    (body, _) = [row["payload"] for row in await house.rows("SELECT payload FROM local_deliveries")]
    await house.receive(body.encode())
    (event,) = await events_of(house)
    assert event["payload"] == body
    assert event["event_id"] == json.loads(body)["id"]


@pytest.mark.req("S3-186")
async def test_a_message_about_nobody_is_noted_and_done_with(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    async with house.database.connection() as conn:
        await conn.execute("DELETE FROM payment_customers")
    await house.settle()
    assert {event["status"] for event in await events_of(house)} == {"applied"}
    assert await house.subscriptions(user) == []
    assert (await house.actions()) == ["billing.unknown_customer"] * 2


@pytest.mark.req("S4-77", "S4-78")
async def test_what_fails_is_counted_given_up_and_taken_up_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await house.person()
    await house.subscribe(user)
    numbers = await house.deliver()

    async def away(*_: object) -> object:
        raise ProviderError("The provider is away.")

    with monkeypatch.context() as broken:
        broken.setattr(house.desk, "fetch_subscription", away)
        for attempt in range(1, ATTEMPTS + 1):
            with pytest.raises(ProviderError):
                await house.inbox.apply(numbers[0])
            event = (await events_of(house))[0]
            assert event["attempts"] == attempt
            assert event["last_error"] == "ProviderError: The provider is away."
            assert event["status"] == ("dead" if attempt == ATTEMPTS else "failed")
    assert await house.subscriptions(user) == []
    assert "billing.webhook_dead" in await house.actions()
    assert await webhooks.retry(house.database, None) == [numbers[0]]
    await house.inbox.apply(numbers[0])
    assert await house.plan(user) == "pro"
    assert await webhooks.retry(house.database, None) == []


async def test_a_message_asks_for_its_job_in_the_same_transaction(house: House) -> None:
    await house.subscribe(await house.person())
    numbers = await house.deliver()
    jobs = await house.rows("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    assert [(job["entrypoint"], json.loads(job["payload"])) for job in jobs] == [
        (webhooks.APPLY, {"event": number}) for number in numbers
    ]


@pytest.mark.req("S0-42", "S3-180")
async def test_cancelled_renewed_failed_and_ended_reach_us_in_any_order(house: House) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    await house.desk.advance(32 * DAY_S)
    await house.desk.cancel_at_period_end(remote, "k")
    await house.desk.advance(40 * DAY_S)
    for number in reversed(await house.deliver()):
        await house.inbox.apply(number)
    (row,) = await house.subscriptions(user)
    assert (row.status, row.cancel_at_period_end) == ("ended", True)
    assert await house.plan(user) == "free"
    assert (await house.events(user))[-1][1]["plan"] == "free"


@pytest.mark.req("S4-70", "S4-80", "S4-50", "S1-86")
async def test_a_pack_is_credited_once_and_taken_back_when_it_is_given_back(house: House) -> None:
    user = await house.person()
    payment = await house.buy_pack(user)
    assert (await house.balance(user)).bought == 0
    await house.settle()
    assert (await house.balance(user)).bought == 100
    await house.desk.refund(payment, 250)
    await house.settle()
    assert (await house.balance(user)).bought == 50
    await house.desk.refund(payment, 250)
    await house.settle()
    await house.settle()
    assert (await house.balance(user)).bought == 0
    (order,) = await house.rows("SELECT status, refunded_minor, tokens FROM orders")
    assert dict(order) == {"status": "refunded", "refunded_minor": 500, "tokens": 100}


async def test_a_pack_that_the_bank_refused_brings_nothing(house: House) -> None:
    user = await house.person()
    await house.buy_pack(user, is_paid=False)
    await house.settle()
    assert (await house.balance(user)).bought == 0
    (order,) = await house.rows("SELECT status FROM orders")
    assert order["status"] == "failed"


async def test_a_disputed_payment_takes_the_tokens_and_rings(house: House) -> None:
    user = await house.person()
    payment = await house.buy_pack(user)
    await house.settle()
    async with house.database.connection() as conn:
        await conn.execute("UPDATE local_payments SET is_disputed = true")
    body = json.dumps(
        {
            "id": "evt_dispute",
            "type": "charge.dispute.created",
            "data": {"object": {"id": payment, "customer": "x", "reference": ""}},
        }
    )
    (customer,) = await house.rows("SELECT customer_id FROM payment_customers")
    await house.receive(body.replace('"x"', json.dumps(customer["customer_id"])).encode())
    await house.settle()
    assert (await house.balance(user)).bought == 0
    (line,) = await house.rows("SELECT severity FROM audit_logs WHERE action = 'billing.order_refunded'")
    assert line["severity"] == "alert"


async def test_a_provider_that_makes_its_own_customers_names_our_order(house: House) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    (order,) = await house.rows("SELECT id FROM orders")
    async with house.database.connection() as conn:
        await conn.execute("DELETE FROM payment_customers")
    event = InboundEvent("evt_1", "subscription_created", "subscription", remote, "77", str(order["id"]))

    class Named:
        name = "local"
        fetch_subscription = staticmethod(house.desk.fetch_subscription)

        @staticmethod
        def verify_webhook(*_: object) -> InboundEvent:
            return event

    inbox = replace(house.inbox, payments=Named())  # type: ignore[arg-type]  # what this message needs of a provider
    await inbox.receive(b"{}", {}, ORIGIN)
    (row,) = await events_of(house)
    await inbox.apply(row["id"])
    assert await house.plan(user) == "pro"
    (customer,) = await house.rows("SELECT user_id, customer_id FROM payment_customers")
    assert dict(customer) == {"user_id": user, "customer_id": "77"}


@pytest.mark.parametrize("reference", ["", "no id", str(uuid.UUID(int=7))])
async def test_an_order_that_we_do_not_have_names_nobody(house: House, reference: str) -> None:
    event = InboundEvent("evt_1", "x", "other", "1", "77", reference)
    inbox: Inbox = house.inbox
    async with house.database.transaction() as conn:
        number = await event_store.insert_event(conn, "local", event, "{}", instant(house.clock.now()))
    assert number is not None
    await inbox.apply(number)
    assert await house.actions() == ["billing.unknown_customer"]


async def test_who_asked_first_writes_first_however_late_the_answer_comes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    (first, *_) = await house.deliver()
    asked, may_answer = asyncio.Event(), asyncio.Event()
    fetch = house.desk.fetch_subscription

    async def fetch_slowly(subscription_id: str) -> RemoteSubscription:
        found = await fetch(subscription_id)
        if not asked.is_set():
            asked.set()
            await may_answer.wait()
        return found

    monkeypatch.setattr(house.desk, "fetch_subscription", fetch_slowly)
    slow = asyncio.create_task(house.inbox.apply(first))
    await asked.wait()
    await house.desk.cancel_at_period_end(remote, "k")
    fast = asyncio.create_task(house.inbox.apply((await house.deliver())[-1]))
    await asyncio.wait([fast], timeout=0.2)
    may_answer.set()
    await asyncio.gather(slow, fast)
    assert [row.cancel_at_period_end for row in await house.subscriptions(user)] == [True]
