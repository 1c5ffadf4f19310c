from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from clients.desktop.config import control_folder
from clients.desktop.control import command as tell_player
from dsp import listen
from tests.clients.desktop.recorded import read_recording
from tests.peers.proxy import proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.api.site import Site
    from tests.clients.desktop.command import Command
    from tests.clients.desktop.tmux import Tmux
    from tests.peers.proxy import Proxy

ATTEMPTS = 2
"""The player says when the machine stood still; then it is done again."""


def read_page(url: str) -> str:
    """What a browser would get."""
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


async def status() -> dict[str, Any]:
    """What `ctl status` tells, without the half second that a command takes to begin."""
    return await asyncio.to_thread(tell_player, control_folder(), "status")


async def plays_on(seconds: float) -> None:
    """Wait until so much more was played."""
    until_s = (await status())["played_s"] + seconds
    async with asyncio.timeout(60):
        while (await status())["played_s"] < until_s:  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.1)


async def play_through(window: Tmux, command: Command, line: Proxy) -> str:
    """Knobs, a cut, a pause and `q`; the last line."""
    await window.shows("Focus · AM 10.0 Hz 45 %")
    await plays_on(2)
    window.press("Right")
    await window.shows("60 %")
    await plays_on(2)
    line.cut()
    window.press("Left")
    window.press("Left")
    await window.shows("32 %")
    await plays_on(1)
    assert (await command.run("ctl", "pause"))[0] == 0
    await window.shows("paused")
    assert (await command.run("ctl", "resume"))[0] == 0
    await plays_on(2)
    assert (await status())["line"] == "connected"
    window.press("q")
    assert await window.ends() == 0
    return next(text for text in window.screen().splitlines() if text.startswith("Stopped. Focus: 0:"))


def spoiled_frames(last: str) -> int:
    """What a machine that stood still may have cost: two ramps of 10 ms, or a second of older sound."""
    found = re.fullmatch(r".* heard, (?:no dropouts|dropouts: (\d+))(?:, late changes: (\d+))?\.", last)
    assert found is not None, last
    return 2 * 480 * int(found[1] or 0) + 48_000 * int(found[2] or 0)


@pytest.mark.req("S0-28")
async def test_in_a_terminal_what_is_recorded_is_the_offline_render_through_knobs_a_pause_and_a_cut(
    site: Site, command: Command, terminal: Callable[..., Tmux], tmp_path: Path
) -> None:
    wav = tmp_path / "heard.wav"
    flags = ("--null", "--intensity", "mid", "--record", wav, "--fade", "1")
    for _ in range(ATTEMPTS):
        async with proxy(site.origin) as (line, url):
            line.delay_s, line.jitter_s = 0.05, 0.15  # a guard that covers a machine busy with other tests
            last = await play_through(terminal("focus", "25", "--server", url, *flags), command, line)
        if spoiled_frames(last) == 0:
            break
    instance = listen.Instance.from_json(json.loads(wav.with_suffix(".json").read_text()))
    heard = read_recording(wav)
    kinds = [entry.to_json()["kind"] for entry in instance.timeline]
    assert kinds.count("param") >= 3
    assert kinds.count("transport") == 2
    assert len(heard) > 7 * 48_000
    assert np.abs(heard).max() > 0.05
    wrong = np.flatnonzero((heard != listen.play(instance, 0, len(heard))).any(axis=1))
    assert wrong.size <= spoiled_frames(last), (last, wrong[0], wrong[-1], instance.to_json()["timeline"])


async def test_the_first_five_minutes_by_keyboard_alone_at_eighty_and_at_forty_columns(
    command: Command,
    terminal: Callable[..., Tmux],
    folder_for_services: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATA_DIR", str(folder_for_services / "newcomer"))
    monkeypatch.setenv("PORT", "9")  # where nobody answers
    window = terminal("focus", "25", "--null")
    await window.shows("No server answers: starting one on this machine")
    begun = await window.shows("in the browser: http://127.0.0.1:")
    url = begun.split("in the browser: ")[1].split()[0]
    assert "<title>Soundwell" in await asyncio.to_thread(read_page, url)
    await window.matches(r"0:\d\d / 25:00\n M -\d\d\.\d S -\d\d\.\d LUFS  TP -\d")
    assert (await command.run("ctl", "vol", "-10"))[0] == 0
    await window.shows("vol 60")
    window.press("f")
    await window.shows("vol 60  ♥  Focus is a favourite.")
    window.resize(40, 20)
    narrow = await window.shows(" space pause  ↑↓ vol  ? keys  q quit")
    assert narrow.count(" / 25:00") == 1  # nothing of the wide picture is left
    window.press("?")
    await window.shows("favourite, or no longer")
    window.press("?")
    window.press("Right")
    await window.shows("Intensity 60 %.")
    window.press("Space")
    await window.shows("paused 0:")
    window.press("Space")
    window.press("q")
    assert await window.ends() == 0
    assert "Stopped. Focus: 0:" in window.screen()
    with pytest.raises(urllib.error.URLError):
        read_page(url)


async def test_who_plays_on_two_terminals_is_asked_and_takes_over_with_one_key(
    site: Site, command: Command, terminal: Callable[..., Tmux]
) -> None:
    first = await command.start("relax", "--server", site.origin, "--null", "--plain")
    await first.says("Playing.")
    window = terminal("focus", "25", "--server", site.origin, "--null", columns=40)
    await window.shows("y: play here")
    window.press("y")
    await window.shows("0:01 / 25:00")
    assert await first.ends() == 0
    assert first.said[-1].startswith("Taken over by another device. Relax: 0:0")
    window.press("C-c")
    assert await window.ends() == 130
