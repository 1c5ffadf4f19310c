from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from server.billing import event_store as store
from server.providers.payments import InboundEvent

if TYPE_CHECKING:
    from tests.server.billing.house import House

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
EVENT = InboundEvent("evt_1", "invoice.paid", "invoice", "in_1", "cus_1")


async def test_an_event_goes_from_received_to_applied_and_never_back(house: House) -> None:
    async with house.database.transaction() as conn:
        number = await store.insert_event(conn, "local", EVENT, "{}", NOW)
        assert number is not None
        assert await store.insert_event(conn, "local", EVENT, "{}", NOW) is None
        assert await store.insert_event(conn, "stripe", EVENT, "{}", NOW) is not None
        assert [await store.mark_failed(conn, number, "away", 2) for _ in range(2)] == ["failed", "dead"]
        assert await store.count_by_status(conn) == {"dead": 1, "received": 1}
        assert [row.last_error for row in await store.list_undone(conn, 10)] == ["", "away"]
        assert await store.revive(conn, [number + 100]) == []
        assert await store.revive(conn, [number]) == [number]
        await store.mark_applied(conn, number, NOW)
        assert await store.mark_failed(conn, number, "too late", 2) is None
        assert await store.lock_event(conn, number) is None
        assert await store.revive(conn, None) == []
