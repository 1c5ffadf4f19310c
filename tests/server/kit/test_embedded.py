from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
from redis import Redis

if TYPE_CHECKING:
    from server.kit.embedded import Embedded


async def test_both_services_answer(services: Embedded) -> None:
    connection = await asyncpg.connect(services.postgres.url)
    try:
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
    finally:
        await connection.close()
    with Redis.from_url(services.valkey.url) as client:
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}


async def test_each_test_has_an_empty_database_of_its_own(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connection.execute("CREATE TABLE mine (id int)")
    finally:
        await connection.close()
