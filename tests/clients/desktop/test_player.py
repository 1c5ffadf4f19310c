from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from clients.desktop.api import Api
from clients.desktop.audio.deck import Standing
from clients.desktop.audio.sinks import NullSink
from clients.desktop.config import Config
from clients.desktop.errors import ListenerError, NothingLeft
from clients.desktop.player import Outcome, Player
from clients.desktop.presets import fetch_presets, find_preset
from clients.desktop.wish import Pomodoro, Timer, Tuning, make_wish, with_rounds
from server.realtime import wire
from tests.api.site import running_site
from tests.clients.desktop.stage import until
from tests.peers.proxy import proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from clients.desktop.player import TakesOver

News = list[tuple[str, dict[str, object]]]


@contextlib.asynccontextmanager
async def playing(
    api: Api, timer: Timer | None = None, fade_s: float = 0.2, takes_over: TakesOver = "no"
) -> AsyncGenerator[tuple[Player, asyncio.Task[Outcome], News]]:
    """A player on the focus preset, sounding."""
    news: News = []
    presets = await fetch_presets(api)
    player = Player(
        api, NullSink(), presets, lambda what, facts: news.append((what, facts)), takes_over=takes_over
    )
    wish = make_wish(find_preset(presets, "focus"), Tuning(), timer, fade_s)
    task = asyncio.create_task(player.play(wish))
    await until(lambda: any(what in {"playing", "elsewhere"} for what, _ in news) or task.done())
    try:
        yield player, task, news
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def told(news: News, what: str) -> list[dict[str, object]]:
    return [facts for one, facts in news if one == what]


@pytest.mark.req("S0-28")
async def test_a_short_session_ends_by_itself_and_its_row_says_so(api: Api) -> None:
    async with playing(api, Timer(1.0)) as (_, task, news):
        outcome = await asyncio.wait_for(task, 30)
    assert (outcome.reason, outcome.heard_s) == ("completed", 1.0)
    (row,) = (await api.get_own("/api/listening/sessions"))["sessions"]
    assert (row["preset"], row["heard_s"], row["success"]) == ("focus", 1.0, True)
    assert {facts["type"] for facts in told(news, "event")} <= {"listen.started", "listen.ended"}


async def test_everything_that_a_hand_can_do(api: Api) -> None:
    async with playing(api) as (player, task, news):
        player.turn_volume(-5)
        player.mute()
        player.mute()
        player.turn_intensity(1)
        assert (player.output.volume, player.wish and player.wish.intensity) == (65, 60)
        assert [told(news, what) for what in ("volume", "intensity")] == [
            [{"volume": 65}],
            [{"intensity": 60}],
        ]
        await until(lambda: bool(told(news, "changed")))
        player.turn_volume(-100)
        player.turn_volume(500)
        assert player.output.volume == 100
        player.toggle()
        await until(lambda: player.standing is Standing.PAUSED and player.output.is_silent)
        player.toggle()
        await until(lambda: player.standing is Standing.NO)
        player.extend()
        await until(lambda: bool(told(news, "extended")))
        assert player.listening is not None
        assert player.listening.end_pos == 30 * 60 * 48_000
        player.next_preset()
        await until(lambda: len(told(news, "opened")) == 2)
        await until(lambda: player.standing is Standing.NO)
        assert player.wish is not None
        assert player.wish.preset.id == "relax"
        player.quit()
        outcome = await asyncio.wait_for(task, 30)
    assert outcome.reason == "stopped"
    rows = (await api.get_own("/api/listening/sessions"))["sessions"]
    assert [row["preset"] for row in rows] == ["relax", "focus"]


async def test_at_the_last_step_intensity_stays(api: Api) -> None:
    async with playing(api) as (player, _, news):
        player.wish = replace(player.wish, intensity=100) if player.wish else None
        player.turn_intensity(1)
        assert told(news, "intensity") == []


async def test_quitting_twice_or_in_a_pause_is_at_once(api: Api) -> None:
    async with playing(api) as (player, task, _):
        player.pause()
        await until(lambda: player.output.is_silent)
        player.quit()
        assert (await asyncio.wait_for(task, 30)).reason == "stopped"
    async with playing(api) as (player, task, _):
        player.quit()
        player.quit()
        assert (await asyncio.wait_for(task, 30)).reason == "stopped"


async def test_the_time_of_day_ends_what_a_pause_has_moved(api: Api) -> None:
    until_time = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    async with playing(api, Timer(600, until_time)) as (_, task, _):
        outcome = await asyncio.wait_for(task, 30)
    assert outcome.heard_s < 20


async def test_rest_begins_where_work_ends(api: Api) -> None:
    presets = await fetch_presets(api)
    news: News = []
    player = Player(api, NullSink(), presets, lambda what, facts: news.append((what, facts)))
    rounds = with_rounds(make_wish(presets[0], Tuning(), None, 0.2), Pomodoro(1, 1, 2))
    parts = tuple(replace(part, start=part.start // 60) for part in rounds.parts)
    task = asyncio.create_task(player.play(replace(rounds, parts=parts)))
    await until(lambda: len(told(news, "part")) == 3)
    await until(lambda: len(told(news, "changed")) == 2)
    player.quit()
    await asyncio.wait_for(task, 30)
    assert [facts["part"] for facts in told(news, "part")] == ["work 1 of 2", "break 1", "work 2 of 2"]


@pytest.mark.parametrize(("recovered", "known"), [(True, 4), (False, 9)])
async def test_events_that_still_follow_do_not_count_as_known(
    monkeypatch: pytest.MonkeyPatch, home: Path, *, recovered: bool, known: int
) -> None:
    """A line that breaks before they have come must ask for them again."""
    nowhere = Api("http://nowhere", None, Config(home / "listener.json"), "http://nowhere")
    player = Player(nowhere, NullSink(), [], lambda _, __: None)

    async def answer(_: wire.Message) -> wire.Message:
        return wire.EventsState(re=1, recovered=recovered, epoch=2, head=9)

    monkeypatch.setattr(player, "ask", answer)
    player.message(wire.Event(epoch=2, seq=4, ts=0.0, topic="listen", type="listen.ended", data={}))
    await player._follow()
    assert player.heard()["events"] == {"epoch": 2, "after": known}


async def test_a_second_device_is_refused_and_told_where_it_plays(api: Api) -> None:
    async with playing(api) as (_, _, _), playing(api) as (_, second, _):
        with pytest.raises(ListenerError, match="Stop it there, or say --take-over") as refused:
            await asyncio.wait_for(second, 30)
    assert refused.value.status == 1


async def test_a_device_that_takes_over_plays_what_it_wants_and_the_other_ends(api: Api) -> None:
    async with playing(api) as (_, first, _), playing(api, takes_over="yes") as (player, second, news):
        assert (await asyncio.wait_for(first, 30)).reason == "taken"
        await until(lambda: player.standing is Standing.NO)
        assert len(told(news, "opened")) == 1
        player.quit()
        assert (await asyncio.wait_for(second, 30)).reason == "stopped"
    rows = (await api.get_own("/api/listening/sessions"))["sessions"]
    assert len(rows) == 2
    assert all(row["ended_at"] for row in rows)


async def test_whoever_is_asked_may_take_over_or_leave_it(api: Api) -> None:
    async with playing(api) as (first, ended, _):
        async with playing(api, takes_over="if asked") as (player, task, _):
            assert player.elsewhere is not None
            player.quit()
            assert (await asyncio.wait_for(task, 30)).reason == "stopped"
        async with playing(api, takes_over="if asked") as (player, task, _):
            first.quit()
            await asyncio.wait_for(ended, 30)
            player.take_over()  # it has ended by itself meanwhile
            await until(lambda: player.standing is Standing.NO)
            assert player.elsewhere is None


async def test_a_favourite_is_kept_and_known_the_next_time(api: Api) -> None:
    async with playing(api) as (player, _, news):
        player.love()
        await until(lambda: bool(told(news, "favourite")))
        assert player.favourites.has("focus")
    assert (await api.get_own("/api/library"))["favourites"] == ["focus"]
    async with playing(api) as (player, _, news):
        await until(lambda: player.favourites.has("focus"))
        player.love()
        await until(lambda: bool(told(news, "favourite")))
    assert (await api.get_own("/api/library"))["favourites"] == []


@pytest.mark.req("S0-46")
async def test_used_minutes_are_told_with_their_return(
    database_url: str, redis_url: str, tmp_path: Path, api: Api
) -> None:
    async with running_site(database_url, redis_url, tmp_path / "poor", free_listening_s=1) as poor:
        there = replace(api, server=poor.origin, name=poor.origin)
        async with playing(there, Timer(30.0)) as (_, task, _):
            assert (await asyncio.wait_for(task, 30)).reason == "limit_reached"
        async with playing(there, Timer(30.0)) as (_, task, _):
            with pytest.raises(NothingLeft, match=r"They come again at \d\d:\d\d on \w+day\."):
                await asyncio.wait_for(task, 30)


@pytest.mark.req("S0-46")
async def test_used_minutes_are_known_without_the_servers_last_word(
    database_url: str, redis_url: str, tmp_path: Path, api: Api
) -> None:
    async with (
        running_site(database_url, redis_url, tmp_path / "poor", free_listening_s=1) as poor,
        proxy(poor.origin) as (line, url),
        playing(replace(api, server=url, name=url), Timer(30.0)) as (player, task, _),
    ):
        assert player.listening is not None
        deck = player.listening.deck
        assert deck is not None
        await until(lambda: deck.ring.is_complete)
        line.stall()
        assert (await asyncio.wait_for(task, 30)).reason == "limit_reached"
