from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from server.kit.bus import CONNECTIONS, PREFIX, Bus

if TYPE_CHECKING:
    import pytest

    from tests.server.kit.conftest import Mortal


async def test_put_once_and_take_serve_one_caller_of_many(bus: Bus) -> None:
    won = await asyncio.gather(*(bus.put_once("ticket", b"%d" % number, 30) for number in range(20)))
    taken = await asyncio.gather(*(bus.take("ticket") for _ in range(20)))

    assert won.count(True) == 1
    assert [value for value in taken if value is not None] == [b"%d" % won.index(True)]
    assert bus.healthy


async def test_processes_share_what_is_put(bus: Bus, redis_url: str) -> None:
    other = await Bus.connect(redis_url)
    await bus.put("parked", b"state", 30)
    assert await other.get("parked") == b"state"
    await other.delete("parked")
    assert await bus.get("parked") is None
    await other.close()


async def test_values_and_counters_end(bus: Bus) -> None:
    await bus.put("value", b"v", 60)
    assert await bus.incr("count", 2, 60) == 2
    assert await bus.incr("count", 2, 3600) == 4

    assert 59_000 < await bus._redis.pttl(PREFIX + "value") <= 60_000
    assert 59_000 < await bus._redis.pttl(PREFIX + "count") <= 60_000, "only the first use sets the end"


async def test_a_bucket_is_shared_and_refuses_without_taking(bus: Bus, redis_url: str) -> None:
    other = await Bus.connect(redis_url)
    left = [await one.take_tokens("b", capacity=3, per_s=1e-6) for one in (bus, other, bus, other, bus)]
    await other.close()

    assert [round(value, 3) for value in left] == [2, 1, 0, -1, -1]
    assert round(await bus.take_tokens("b", capacity=3, per_s=1e9), 3) == 2, (
        "refilled, and not beyond the rim"
    )


async def test_a_lease_goes_to_a_newer_generation_and_to_nobody_else(bus: Bus) -> None:
    assert await bus.acquire_lease("session", "a", 1, 30)
    assert not await bus.acquire_lease("session", "b", 1, 30)
    assert not await bus.renew_leases("a", {"session": 1}, 30)
    assert await bus.acquire_lease("session", "b", 2, 30)
    assert await bus.renew_leases("a", {"session": 1}, 30) == {"session"}
    assert not await bus.acquire_lease("session", "a", 1, 30)
    await bus.release_lease("session", "a", 1)
    assert not await bus.renew_leases("b", {"session": 2}, 30), "a former owner cannot release it"
    await bus.release_lease("session", "b", 2)
    assert await bus.acquire_lease("session", "a", 1, 30)


async def test_a_lease_that_was_lost_with_redis_is_written_again(bus: Bus) -> None:
    assert not await bus.renew_leases("a", {"session": 3}, 30)
    assert not await bus.acquire_lease("session", "b", 3, 30)


async def test_many_leases_are_renewed_in_few_calls_and_those_of_others_are_named(bus: Bus) -> None:
    mine = {f"lease {number}": 1 for number in range(450)}
    assert not await bus.renew_leases("a", mine, 30)
    for taken in ("lease 7", "lease 449"):
        assert await bus.acquire_lease(taken, "b", 2, 30)
    assert await bus.renew_leases("a", mine, 30) == {"lease 7", "lease 449"}
    assert await bus.renew_leases("a", {}, 30) == set()


async def test_each_owner_has_a_field_of_its_own_under_a_key(bus: Bus) -> None:
    await bus.put_fields("a", {f"key {number}": b"of a" for number in range(250)}, 30)
    await bus.put_fields("b", {"key 249": b"of b"}, 30)
    assert await bus.fields("key 3") == [b"of a"]
    assert sorted(await bus.fields("key 249")) == [b"of a", b"of b"]
    await bus.delete_field("key 249", "a")
    assert await bus.fields("key 249") == [b"of b"]
    assert await bus.fields("nobody's") == []


async def test_requests_go_on_when_redis_is_killed_and_come_back_to_it(mortal_bus: Mortal) -> None:
    bus = await Bus.connect(mortal_bus.url)
    assert await bus.ping()
    await bus.put("before", b"kept", 60)
    mortal_bus.kill()

    assert (await bus.ping(), bus.healthy) == (False, False)
    assert await bus.get("before") is None
    assert await bus.put_once("ticket", b"1", 60)
    assert not await bus.put_once("ticket", b"2", 60)
    assert [await bus.take("ticket"), await bus.take("ticket")] == [b"1", None]
    await bus.put("meanwhile", b"here", 60)
    assert await bus.get("meanwhile") == b"here"
    assert [await bus.incr("n", 1, 60), await bus.incr("n", 1, 60)] == [1, 2]
    assert await bus.take_tokens("b", capacity=1, per_s=1e-6) == 0
    assert await bus.take_tokens("b", capacity=1, per_s=1e-6) < 0
    assert await bus.acquire_lease("session", "a", 1, 60)
    assert not await bus.renew_leases("a", {"session": 1}, 60)
    await bus.release_lease("session", "a", 1)
    await bus.put_fields("a", {"key": b"1"}, 60)
    assert await bus.fields("key") == []
    await bus.delete("meanwhile")
    assert await bus.get("meanwhile") is None

    mortal_bus.revive()
    assert (await bus.ping(), bus.healthy) == (True, True)
    await bus.put("after", b"again", 60)
    assert await bus.take("after") == b"again"
    await bus.close()


async def test_many_calls_at_once_wait_for_a_connection_and_are_no_outage(bus: Bus) -> None:
    totals = await asyncio.gather(*(bus.incr("n", 1, 60) for _ in range(20 * CONNECTIONS)))

    assert sorted(totals) == list(range(1, 20 * CONNECTIONS + 1))
    assert bus.healthy


async def test_a_redis_that_hangs_is_left_alone_until_it_answers(
    mortal_bus: Mortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.bus.COMMAND_TIMEOUT_S", 0.2)
    bus = await Bus.connect(mortal_bus.url)
    assert await bus.incr("n", 5, 60) == 5
    mortal_bus.process.send_signal(signal.SIGSTOP)

    assert [await bus.incr("n", 1, 60) for _ in range(20)] == list(range(1, 21)), "counted in this process"
    mortal_bus.process.send_signal(signal.SIGCONT)
    assert await bus.ping()
    assert await bus.incr("n", 1, 60) >= 6
    await bus.close()


async def test_what_was_marked_during_an_outage_stays_marked_after_it(mortal_bus: Mortal) -> None:
    bus = await Bus.connect(mortal_bus.url)
    mortal_bus.kill()
    assert await bus.put_once("ticket", b"1", 60)
    mortal_bus.revive()
    assert await bus.ping()

    assert not await bus.put_once("ticket", b"1", 60)
    await bus.close()


async def test_a_task_that_is_cancelled_in_a_call_ends_there(bus: Bus) -> None:
    """At every point of a call, connecting included: a lost cancellation is a task that never ends."""

    async def call_for_ever() -> None:
        while True:
            await bus.incr("calls", 1, 60)

    for steps in range(300):
        task = asyncio.create_task(call_for_ever())
        for _ in range(steps % 40):
            await asyncio.sleep(0)
        task.cancel()
        _, pending = await asyncio.wait([task], timeout=5)
        assert not pending, f"the cancellation after {steps % 40} steps was lost"
        assert task.cancelled()
