from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts.store import insert_principal
from server.listening import library_store as store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.kit.db import Connection, Database
    from server.kit.principal import Principal

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
MANY = 100


@pytest.fixture
async def conn(database: Database, principal: Principal, stranger: Principal) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        await insert_principal(connection, principal)
        await insert_principal(connection, stranger)
        yield connection


async def kept(conn: Connection, principal: Principal, title: str) -> uuid.UUID:
    preset = store.PresetRow(uuid.uuid4(), title, 25, {"title": title, "v": 1}, NOW)
    assert await store.insert_preset(conn, principal.id, preset, MANY)
    return preset.id


async def titles(conn: Connection, principal: Principal) -> list[str]:
    return [row.title for row in await store.list_presets(conn, principal.id)]


async def test_presets_stand_in_the_order_of_their_making_until_they_are_put_in_another(
    conn: Connection, principal: Principal
) -> None:
    first, second, third = [await kept(conn, principal, title) for title in "abc"]
    assert await titles(conn, principal) == ["a", "b", "c"]
    await store.order_presets(conn, principal.id, [third, first, second])
    assert await titles(conn, principal) == ["c", "a", "b"]
    await kept(conn, principal, "d")
    assert await titles(conn, principal) == ["c", "a", "b", "d"]


async def test_there_is_room_for_so_many(conn: Connection, principal: Principal, stranger: Principal) -> None:
    await kept(conn, stranger, "theirs")
    for title in "ab":
        await kept(conn, principal, title)
    third = store.PresetRow(uuid.uuid4(), "c", 25, {}, NOW)
    assert not await store.insert_preset(conn, principal.id, third, 2)
    assert await titles(conn, principal) == ["a", "b"]


async def test_a_new_name_is_the_programs_too(conn: Connection, principal: Principal) -> None:
    preset = await kept(conn, principal, "a")
    row = await store.rename_preset(conn, principal.id, preset, 'Rain "x"', 50)
    assert row is not None
    assert (row.title, row.minutes, row.program) == ('Rain "x"', 50, {"title": 'Rain "x"', "v": 1})
    assert await store.list_presets(conn, principal.id) == [row]


async def test_a_favourite_of_an_own_preset_goes_with_it(conn: Connection, principal: Principal) -> None:
    preset = await kept(conn, principal, "a")
    assert await store.add_own_favourite(conn, principal.id, preset, NOW)
    assert await store.add_own_favourite(conn, principal.id, preset, NOW)
    await store.add_favourite(conn, principal.id, "focus", NOW + dt.timedelta(seconds=1))
    assert await store.list_favourites(conn, principal.id) == ["focus", str(preset)]
    assert await store.delete_preset(conn, principal.id, preset)
    assert not await store.delete_preset(conn, principal.id, preset)
    assert await store.list_favourites(conn, principal.id) == ["focus"]


async def test_a_mark_is_set_once_and_taken_away_for_good(conn: Connection, principal: Principal) -> None:
    for _ in range(2):
        await store.add_favourite(conn, principal.id, "focus", NOW)
    assert await store.list_favourites(conn, principal.id) == ["focus"]
    for _ in range(2):
        await store.delete_favourite(conn, principal.id, "focus")
    assert await store.list_favourites(conn, principal.id) == []


@pytest.mark.req("S0-57")
async def test_nothing_is_done_to_the_presets_of_another(
    conn: Connection, principal: Principal, stranger: Principal
) -> None:
    preset = await kept(conn, principal, "a")
    assert await store.list_presets(conn, stranger.id) == []
    assert await store.lock_presets(conn, stranger.id) == set()
    assert await store.rename_preset(conn, stranger.id, preset, "b", 1) is None
    assert not await store.delete_preset(conn, stranger.id, preset)
    assert not await store.add_own_favourite(conn, stranger.id, preset, NOW)
    await store.order_presets(conn, stranger.id, [preset])
    assert await titles(conn, principal) == ["a"]
    assert await store.lock_presets(conn, principal.id) == {preset}
