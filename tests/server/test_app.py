from __future__ import annotations

import asyncio
import signal
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests

from dsp import listen
from server.app import JOBS, SCHEDULES, VERSION
from server.realtime import wire
from tests.api.site import running_site, until
from tests.peers.client import Client, Refused
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from numpy.typing import NDArray

    from tests.api.site import Site
    from tests.peers.client import Listening

ROOT = Path(__file__).parents[2]
SECOND = 48_000
LOOKAHEAD = 480


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


@pytest.fixture
def served(folder_for_services: Path) -> Iterator[Serving]:
    """The product as people start it, whose processes a test may kill."""
    with Serving(folder_for_services / "app") as serving:
        yield serving


def kept_instance(stream: Listening) -> dict[str, Any]:
    """What an honest client holds: the instance that it got, with the entries that it was told since."""
    return {**stream.ready.instance, "timeline": stream.entries}


def rendered(instance: dict[str, Any], start: int, end: int) -> NDArray[np.int16]:
    """The samples that the instance stands for, made here."""
    span = listen.Span(listen.prepare(listen.Instance.from_json(instance)), start, end - start)
    packed = listen.render_batch([span], listen.GranuleCache(), "s16", 0)[0]
    return packed.view("<i2").reshape(-1, 2)


def came_on_time(stream: Listening, at: int, end: int) -> NDArray[np.bool_]:
    """Which frames hold what was acknowledged; a busy machine may be late with the first of a change."""
    epochs = stream.ring.epochs[:end]
    on_time: NDArray[np.bool_] = np.logical_or(np.arange(end) < at - LOOKAHEAD, epochs == stream.ring.epoch)
    assert on_time.mean() > 0.5
    return on_time


async def played(stream: Listening, frames: int) -> None:
    await until(lambda: stream.ring.play >= frames)


def test_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_the_worker_gets_the_schedules_and_jobs_of_the_slices() -> None:
    assert [schedule.name for schedule in SCHEDULES] == [
        "trim accounts",
        "close abandoned listenings",
        "forget old letters",
        "return tokens",
        "look at the token books",
        "look after trials",
        "grant months",
        "forget answers",
    ]
    assert [job.name for job in JOBS] == [
        "send letter",
        "send reset link",
        "apply payment event",
        "end subscription",
    ]


@pytest.mark.req("S0-27", "S3-242")
async def test_a_guest_hears_what_the_instance_says_and_turns_a_knob(site: Site) -> None:
    async with site.listener(await site.guest()) as client:
        stream = await client.open(preset="focus", duration_s=60)
        await played(stream, 2 * SECOND)
        ack = await client.set(stream, **{"am.depth": 75.0})
        await played(stream, 4 * SECOND)
    end = stream.ring.play
    heard = stream.ring.samples[:end]
    on_time = came_on_time(stream, ack.at, end)
    turned = rendered(kept_instance(stream), 0, end)
    untouched = rendered(dict(stream.ready.instance), 0, end)
    assert np.array_equal(heard[on_time], turned[on_time])
    assert np.array_equal(turned[: ack.at - LOOKAHEAD], untouched[: ack.at - LOOKAHEAD])
    assert not np.array_equal(heard[ack.at + SECOND :], untouched[ack.at + SECOND :])
    assert 0.02 < np.sqrt(np.mean(np.square(heard[2 * SECOND :] / 32_768.0))) < 0.3


@pytest.mark.req("S0-57")
async def test_no_stream_and_no_session_reaches_another_guest(site: Site) -> None:
    async with site.listener(await site.guest()) as one, site.listener(await site.guest()) as other:
        mine = await one.open(preset="focus", duration_s=60, seed=1)
        theirs = await other.open(preset="relax", duration_s=60, seed=2)
        await played(mine, SECOND)
        await played(theirs, SECOND)
        for stream in (mine, theirs):
            heard = stream.ring.samples[: stream.ring.play]
            assert np.array_equal(heard, rendered(kept_instance(stream), 0, stream.ring.play))
        restore = {"session": mine.ready.session, "instance": kept_instance(mine), "from": SECOND}
        copied = await other.open(restore=restore, replace=theirs.sid)
        assert copied.ready.session != mine.ready.session
        await until(lambda: theirs.ended is not None)
        with pytest.raises(Refused) as refusal:
            await other.open(take=mine.ready.session, replace=copied.sid)
        assert refusal.value.error.code == "not_found"
        before = mine.ring.play
        await played(mine, before + SECOND // 2)
        assert mine.ended is None


@pytest.mark.req("S0-31", "S0-32")
async def test_the_same_log_comes_over_the_socket_and_over_http(site: Site) -> None:
    headers = await site.guest()
    async with site.listener(headers) as client:
        await client.send(wire.EventsSub(id=client.next_id(), topics=["listen"]))
        await until(lambda: any(isinstance(one, wire.EventsState) for one in client.inbox))
        stream = await client.open(preset="focus", duration_s=60)
        await until(lambda: stream.ring.is_playing)
        await client.transport(stream, "stop")
        events = [await client.expect(wire.Event) for _ in range(2)]
    data = await site.get("/api/events?after=0-0", headers)
    assert [(event.type, event.data) for event in events] == [
        (event["type"], event["data"]) for event in data["events"]
    ]
    assert [event.type for event in events] == ["listen.started", "listen.ended"]


async def test_the_day_of_a_guest_ends_softly(database_url: str, redis_url: str, tmp_path: Path) -> None:
    async with running_site(database_url, redis_url, tmp_path, free_listening_s=12) as site:
        headers = await site.guest()
        async with site.listener(headers) as client:
            stream = await client.open(preset="focus", duration_s=60)
            end_pos = stream.ready.end_pos
            assert end_pos == 12 * SECOND
            assert [list(point) for point in stream.ready.gain_env[-2:]] == [[2 * SECOND, 1], [end_pos, 0]]
            await until(lambda: stream.ended is not None)
            assert stream.ended is not None
            assert (stream.ended.reason, stream.ended.heard_s) == ("limit_reached", 12.0)
            assert stream.ring.have == end_pos
            with pytest.raises(Refused) as refusal:
                await client.open(preset="focus", duration_s=60)
            assert refusal.value.error.code == "limit_reached"
        log = (await site.get("/api/events?after=0-0", headers))["events"]
    assert [event["type"] for event in log] == [
        "listen.started",
        "listen.limit_warned",
        "listen.ended",
        "listen.limit_reached",
    ]


@pytest.mark.req("S0-54", "S0-59")
async def test_a_session_survives_the_death_of_the_process(served: Serving) -> None:
    def ask(method: str, path: str, headers: dict[str, str]) -> Any:
        answer = requests.request(method, served.address + path, headers=headers, timeout=30)
        return answer.json()["data"]

    token = await asyncio.to_thread(ask, "POST", "/api/auth/guest", {})
    headers = {"Authorization": f"Bearer {token['token']}"}

    async def connected() -> Client:
        ticket = await asyncio.to_thread(ask, "POST", "/api/auth/ws-ticket", headers)
        client = Client(served.address.replace("http", "ws") + "/ws", origin=None)
        await client.connect(ticket["ticket"])
        return client

    client = await connected()
    stream = await client.open(preset="focus", duration_s=60)
    await played(stream, 2 * SECOND)
    ack = await client.set(stream, **{"am.depth": 75.0})
    await played(stream, 3 * SECOND)
    web = await asyncio.to_thread(served.member, "web")
    web.send_signal(signal.SIGKILL)
    assert await client.closed() == 1006
    await client.drop()
    await asyncio.to_thread(served.member, "web")

    again = await connected()
    have = stream.ring.have
    restore = {"session": stream.ready.session, "instance": kept_instance(stream), "from": have}
    restored = await again.open(restore=restore)
    assert restored.ready.session == stream.ready.session
    assert restored.ready.end_pos == stream.ready.end_pos
    await played(restored, have + SECOND)
    before, after = stream.ring.samples[:have], restored.ring.samples[: restored.ring.play - have]
    expected = rendered(kept_instance(stream), 0, restored.ring.play)
    on_time = came_on_time(stream, ack.at, have)
    assert np.array_equal(before[on_time], expected[:have][on_time])
    assert np.array_equal(after, expected[have:])
    await again.drop()
    sessions = (await asyncio.to_thread(ask, "GET", "/api/listening/sessions", headers))["sessions"]
    assert [one["id"] for one in sessions] == [stream.ready.session]
