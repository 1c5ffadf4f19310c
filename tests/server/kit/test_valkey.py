from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis

from server.kit import children
from tests.serving import wait_until

if TYPE_CHECKING:
    from server.kit.embedded import Embedded


def test_what_was_written_survives_kill(services: Embedded, folder_for_services: Path) -> None:
    sockets = Path(tempfile.mkdtemp(dir=folder_for_services))
    if services.valkey.user:
        services.valkey.user.own(sockets)
    valkey = replace(services.valkey, folder=folder_for_services / "own valkey", sockets=sockets)
    assert not valkey.is_ready()
    valkey.prepare()
    process = valkey.start()
    wait_until(valkey.is_ready)
    with Redis.from_url(valkey.url) as client:
        client.set("ticket", "kept")
    process.kill()
    process.wait()
    assert not valkey.is_ready()
    process = valkey.start()
    try:
        wait_until(valkey.is_ready)
        with Redis.from_url(valkey.url) as client:
            assert client.get("ticket") == b"kept"
    finally:
        children.end([(valkey.program, process)])


def test_nobody_reaches_it_over_the_network(services: Embedded) -> None:
    with Redis.from_url(services.valkey.url) as client:
        assert client.config_get("port") == {"port": "0"}
    assert (services.valkey.sockets / "valkey.sock").stat().st_mode & 0o777 == 0o700
