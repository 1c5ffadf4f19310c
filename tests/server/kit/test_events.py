from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from server.kit import events
from server.kit.events import Page, Snapshots, append, append_each, read_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.bus import Bus
    from server.kit.db import Connection, Database

WRITERS = 24


class Undone(Exception):  # noqa: N818 - a reason, not a fault
    """A writer's reason to take everything back."""


async def write(db: Database, principal: UUID, **data: object) -> events.Event:
    async with db.transaction() as connection:
        return await append(connection, principal, "listen", "listen.started", data)


async def read_all(db: Database, principal: UUID, limit: int = 100) -> list[int]:
    """The numbers that a reader gets, page by page."""
    page = await read_after(db, principal, 0, 0, limit)
    seen: list[int] = []
    while page.events:
        assert page.recovered
        seen += [event.seq for event in page.events]
        page = await read_after(db, principal, page.epoch, seen[-1], limit)
    return seen


@pytest.mark.req("S3-240")
async def test_an_event_reads_as_it_was_written(db: Database) -> None:
    principal = uuid4()
    written = await write(db, principal, session="s", heard_s=1.5)
    page = await read_after(db, principal, written.epoch, 0)

    assert page == Page(recovered=True, epoch=written.epoch, head=1, events=(written,))
    assert written.data == {"session": "s", "heard_s": 1.5}
    assert 0 < written.epoch < 2**53


@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), page_size=st.integers(1, 50), failing=st.floats(0, 0.5))
async def test_many_writers_make_one_order_without_gaps_whatever_fails(
    db: Database, seed: int, page_size: int, failing: float
) -> None:
    principal, chance = uuid4(), random.Random(seed)
    plans = [[chance.random() >= failing for _ in range(8)] for _ in range(WRITERS)]
    kept = sum(sum(plan) for plan in plans)
    following = asyncio.create_task(_follow(db, principal, kept, page_size))
    await asyncio.gather(*(_write_as_planned(db, principal, plan) for plan in plans))

    assert await asyncio.wait_for(following, 60) == list(range(1, kept + 1))
    assert await read_all(db, principal, page_size) == list(range(1, kept + 1))


async def _write_as_planned(db: Database, principal: UUID, plan: list[bool]) -> None:
    for succeeds in plan:
        if succeeds:
            await write(db, principal)
        else:
            with pytest.raises(Undone):
                await _write_and_fail(db, principal)


async def _write_and_fail(db: Database, principal: UUID) -> None:
    async with db.transaction() as connection:
        await append(connection, principal, "listen", "listen.started", {})
        raise Undone


async def _follow(db: Database, principal: UUID, until: int, page_size: int) -> list[int]:
    """A reader that looks while the writers write: what it has seen once, it never sees change."""
    seen: list[int] = []
    epoch = 0
    while len(seen) < until:
        page = await read_after(db, principal, epoch, seen[-1] if seen else 0, page_size)
        assert page.recovered
        epoch = page.epoch
        seen += [event.seq for event in page.events]
    return seen


async def test_writers_to_the_same_principals_in_any_order_do_not_deadlock(db: Database) -> None:
    principals = [uuid4() for _ in range(5)]

    async def tell_all(order: list[UUID]) -> None:
        async with db.transaction() as connection:
            told = await append_each(connection, order, "project", "project.shared", {})
            assert len(told) == len(principals)

    await asyncio.gather(*(tell_all(random.sample(principals, k=5)) for _ in range(WRITERS)))
    for principal in principals:
        assert await read_all(db, principal) == list(range(1, WRITERS + 1))


async def test_a_failing_transaction_takes_its_event_back_and_the_next_gets_the_number(db: Database) -> None:
    principal = uuid4()
    await write(db, principal)
    with pytest.raises(Undone):
        await _write_and_fail(db, principal)

    assert (await write(db, principal)).seq == 2


async def test_a_cursor_of_nothing_gets_the_head_and_a_snapshot(db: Database) -> None:
    principal = uuid4()
    assert await read_after(db, principal, None, 0) == Page(recovered=False, epoch=0, head=0, events=())
    written = await write(db, principal)

    assert await read_after(db, principal, None, 0) == Page(False, written.epoch, 1, ())


async def test_the_cursor_of_someone_without_events_holds_when_the_first_comes(db: Database) -> None:
    principal = uuid4()
    page = await read_after(db, principal, None, 0)
    written = await write(db, principal)

    assert (await read_after(db, principal, page.epoch, page.head)).events == (written,)


async def test_cursors_of_another_epoch_or_beyond_the_head_are_not_recovered(db: Database) -> None:
    principal = uuid4()
    first, second = await write(db, principal), await write(db, principal)

    assert (await read_after(db, principal, first.epoch, 1)).events == (second,)
    assert await read_after(db, principal, first.epoch, 2) == Page(True, first.epoch, 2, ())
    assert not (await read_after(db, principal, first.epoch, 3)).recovered
    assert not (await read_after(db, principal, first.epoch + 1, 1)).recovered
    assert not (await read_after(db, uuid4(), first.epoch, 1)).recovered


async def test_a_restore_ends_all_cursors(db: Database) -> None:
    principal = uuid4()
    written = await write(db, principal)
    async with db.transaction() as connection:
        await events.renew_epochs(connection)
    page = await read_after(db, principal, written.epoch, 1)

    assert not page.recovered
    assert page.epoch != written.epoch
    assert 0 < page.epoch < 2**53
    assert (await write(db, principal)).seq == 2


async def test_trimming_by_rows_keeps_the_newest_and_ends_cursors_before_them(db: Database) -> None:
    talkative, quiet = uuid4(), uuid4()
    for _ in range(7):
        last = await write(db, talkative)
    await write(db, quiet)

    assert await events.trim(db, keep_days=30, keep_rows=3) == 4
    assert not (await read_after(db, talkative, last.epoch, 3)).recovered
    assert not (await read_after(db, talkative, last.epoch, 0)).recovered
    kept = await read_after(db, talkative, last.epoch, 4)
    assert kept.recovered
    assert [event.seq for event in kept.events] == [5, 6, 7]
    assert await read_all(db, quiet) == [1]
    assert (await write(db, talkative)).seq == 8


async def test_trimming_by_age_keeps_a_run_without_holes(db: Database) -> None:
    principal = uuid4()
    for _ in range(4):
        await write(db, principal)
    async with db.transaction() as connection:
        await _age(connection, principal, days=31, seqs=[1, 3])

    assert await events.trim(db, keep_days=30, keep_rows=100) == 3, "2 is younger, but nobody could reach it"
    page = await read_after(db, principal, None, 0)
    assert [event.seq for event in (await read_after(db, principal, page.epoch, 3)).events] == [4]


async def _age(connection: Connection, principal: UUID, days: int, seqs: list[int]) -> None:
    await connection.execute(
        "UPDATE events SET ts = now() - make_interval(days => $1) "
        "WHERE principal_id = $2 AND seq = any($3::bigint[])",
        days,
        principal,
        seqs,
    )


async def test_readers_are_woken_on_the_principals_own_channel(bus: Bus) -> None:
    principal = uuid4()
    async with aclosing(bus.subscribe(events.channel(principal))) as follower, asyncio.timeout(20):
        assert [await anext(follower), await anext(follower)] == [b"", b""]
        await events.notify(bus, uuid4())
        await events.notify(bus, principal)
        assert await anext(follower)


async def test_a_snapshot_holds_each_wanted_topic_that_has_a_source(db: Database) -> None:
    snapshots = Snapshots()
    principal = uuid4()

    async def listening(_: Database, asked: UUID) -> Mapping[str, object]:
        return {"principal": str(asked)}

    snapshots.register("listen", listening)

    assert await snapshots.take(db, principal, ["listen", "billing"]) == {
        "listen": {"principal": str(principal)}
    }
