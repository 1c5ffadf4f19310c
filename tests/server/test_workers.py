"""Several web processes on one port: nobody cares which of them answers, or whether it lives."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsp import listen
from tests.peers.client import Client
from tests.serving import Serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from tests.peers.client import Listening

RATE_HZ = 48_000


@pytest.fixture
def serving(folder_for_services: Any) -> Iterator[Serving]:
    with Serving(folder_for_services / "workers", "--workers", "2") as server:
        wait_until(lambda: len(webs(server)) == 2, server.said)
        yield server


def webs(serving: Serving) -> list[psutil.Process]:
    return [one for one in serving.family() if {"-m", "server", "web"} <= set(one.cmdline())]


def ticket_of(serving: Serving) -> str:
    """A guest's ticket, as a program gets it."""
    guest = post(serving, "/api/auth/guest", {})
    return str(post(serving, "/api/auth/ws-ticket", {"Authorization": f"Bearer {guest['token']}"})["ticket"])


def post(serving: Serving, path: str, headers: dict[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(
        serving.address + path, b"{}", {"Content-Type": "application/json", **headers}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.loads(answer.read())["data"]
        return found


def holder(serving: Serving, client: Client) -> psutil.Process:
    """The web process at the other end of the client's socket."""
    assert client._socket is not None
    port = client._socket.local_address[1]
    (found,) = [
        one for one in webs(serving) if any(link.raddr[1:] == (port,) for link in one.net_connections("tcp"))
    ]
    return found


def gauge(serving: Serving, name: str) -> float:
    lines = serving.get("/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.split(" ")[0] == name)


async def play(stream: Listening, seconds: float) -> None:
    until = stream.ring.play + round(seconds * RATE_HZ)
    async with asyncio.timeout(60):
        while stream.ring.play < until:  # noqa: ASYNC110 - the client's own clock moves it
            await asyncio.sleep(0.01)


def difference(stream: Listening, instance: dict[str, Any], start: int) -> int:
    """Greatest difference of what was heard from `start` on and the engine's own render."""
    end = stream.ring.play // 960 * 960
    wanted = listen.render_batch(
        [listen.Span(listen.prepare(listen.Instance.from_json(instance)), start, end - start)],
        listen.GranuleCache(2**26),
        "s16",
        0,
    )[0]
    heard = stream.ring.heard[start - stream.ring.start : end - stream.ring.start]
    return int(np.abs(wanted.view(np.int16).reshape(-1, 2).astype(int) - heard).max())


@pytest.mark.siege
@pytest.mark.req("S0-54", "S0-59")
async def test_a_listener_goes_on_in_another_process_when_its_own_is_killed(serving: Serving) -> None:
    client = Client(serving.address.replace("http", "ws") + "/ws", origin=None)
    await client.connect(ticket_of(serving))
    stream = await client.open(preset="focus", duration_s=60)
    await play(stream, 1.0)
    assert gauge(serving, "soundwell_streams") == 1
    victim = holder(serving, client)
    victim.kill()
    await client.closed()
    assert stream.ring.have > stream.ring.play, "there is sound to go on with meanwhile"
    wait_until(lambda: gauge(serving, "soundwell_streams") == 0, serving.said)

    instance = {**stream.ready.instance, "timeline": stream.entries}
    other = Client(client.url, origin=None)
    begun = time.monotonic()
    await other.connect(ticket_of(serving))
    from_pos = stream.ring.have
    restore = {"session": stream.ready.session, "instance": instance, "from": from_pos}
    again = await other.open(restore=restore)
    assert holder(serving, other).pid != victim.pid
    await play(again, 1.0)
    assert again.ready.start_pos == from_pos
    assert time.monotonic() - begun < 30
    assert again.ring.underruns == 0
    assert difference(stream, instance, 0) == 0
    assert difference(again, instance, -(-from_pos // 960) * 960) == 0
    wait_until(lambda: len(webs(serving)) == 2, serving.said)
    assert gauge(serving, "soundwell_connections") == 1
    await other.drop()
    await client.drop()
