from __future__ import annotations

import io
import json
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from clients.desktop import verbs
from clients.desktop.arguments import parse
from clients.desktop.config import Config
from clients.desktop.errors import NoSoundCard
from server.realtime import wire
from tests.api.site import running_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site
    from tests.clients.desktop.command import Command


async def run(site: Site, *words: str) -> int:
    return await verbs.run(parse([*words, "--server", site.origin]))


class Screen(io.StringIO):
    """What looks like a terminal."""

    def isatty(self) -> bool:
        return True


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the verb said; the site logs to the same place, beginning with the year."""
    return [line for line in capsys.readouterr().out.splitlines() if not line.startswith("20")]


@pytest.mark.req("S0-30", "S0-34")
async def test_what_there_is_and_what_was_heard(
    site: Site, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(site, "presets") == 0
    assert "  focus         25 min  Steady and bright, to stay with one thing" in told(capsys)
    assert await run(site, "presets", "--json") == 0
    first = json.loads(told(capsys)[0])
    assert (first["id"], first["minutes"]) == ("focus", 25)
    assert await run(site, "play", "Relax", "1s", "--null", "--json", "--fade", "0.1", "--volume", "30") == 0
    said = [json.loads(line) for line in told(capsys)]
    last = said[-1]
    assert (last["event"], last["reason"], last["preset"], last["heard_s"]) == (
        "summary",
        "completed",
        "relax",
        1,
    )
    assert last.keys() > {"dropouts", "late"}
    assert {"line", "opened", "playing"} <= {one["event"] for one in said}
    config = Config(home / "config" / "soundwell" / "listener.json")
    assert (config.last_preset, config.volume) == ("relax", 30)
    assert await run(site, "--null", "--quiet", "--timer", "1s") == 0  # the last one again
    assert told(capsys) == []
    assert await run(site, "stats", "--json") == 0
    week = json.loads(told(capsys)[0])
    assert (week["sessions"], week["modes"].keys()) == (2, {"relax"})
    assert await run(site, "stats", "--ascii") == 0
    assert told(capsys)[0].startswith("This week: 2 sessions")


async def test_events_are_followed_until_ctrl_c(site: Site, command: Command) -> None:
    assert await run(site, "stats", "--quiet") == 0  # from now on we are one guest
    events = await command.start("events", "--server", site.origin, "--json", "--type", "listen.e*")
    while not events.said:  # until it has subscribed
        assert await run(site, "focus", "1s", "--null", "--quiet") == 0
    event = json.loads(events.said[0])
    assert (event["type"], event["data"]["reason"]) == ("listen.ended", "completed")
    events.signal(signal.SIGINT)
    assert await events.ends() == 130
    assert not any("listen.started" in line for line in events.said)


async def test_the_doctor_and_the_devices(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr("clients.desktop.doctor._TONE_S", 0.1)
    assert await run(site, "doctor", "--null") == 0
    assert len(told(capsys)) >= 5
    with monkeypatch.context() as here:
        here.setattr(verbs, "list_devices", tuple)
        with pytest.raises(NoSoundCard, match="no sound card here"):
            await run(site, "devices")
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert await run(site, "doctor", "--json") == 1
    assert '{"fine": false' in "".join(told(capsys))
    with pytest.raises(NoSoundCard):
        await run(site, "devices")


async def test_an_export_is_left_to_the_server(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav = tmp_path / "a.wav"
    words = ["export", "relax", "-o", str(wav), "--minutes", "0.02", "--seed", "7"]
    assert await verbs.run(parse(words)) == 0
    assert capfd.readouterr().out == f"Relax, 1 s, seed 7: {wav}\n"


def test_colours_are_for_terminals_that_want_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def has_colour(*words: str) -> bool:
        return verbs._setup(parse(words), Config(tmp_path / "listener.json")).style.has_colour

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert not has_colour()
    monkeypatch.setattr("sys.stdout", Screen())
    assert has_colour()
    assert not has_colour("--no-color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colour()


# Each exit status, by the command itself

NULL = ("--null", "--plain", "--timer", "1s", "--fade", "0.1")


async def test_status_0_2_3_5_6(site: Site, command: Command, home: Path) -> None:
    runs = {
        0: ("focus", "--server", site.origin, *NULL),
        2: ("play", "disco", "--server", site.origin, *NULL),
        3: ("focus", "--server", site.origin, "--token", "wrong", *NULL),
        5: ("focus", "--server", "http://127.0.0.1:9", *NULL),
        6: ("focus", "--server", site.origin, "--device", "nowhere", "--plain"),
    }
    ends = {wanted: await command.run(*words) for wanted, words in runs.items()}
    assert {wanted: code for wanted, (code, _) in ends.items()} == {wanted: wanted for wanted in runs}
    last = {code: " ".join(said) for code, said in ends.values()}
    assert "Done. Focus: 0:01 heard, " in last[0]
    assert 'no preset "disco"' in last[2]
    assert "The token is not valid" in last[3]
    assert "No Soundwell server answers at http://127.0.0.1:9." in last[5]
    assert "--null counts the frames" in last[6]
    assert (await command.run("ctl", "status"))[0] == 5


@pytest.mark.req("S0-46")
async def test_status_4_says_when_there_is_something_again(
    database_url: str, redis_url: str, tmp_path: Path, command: Command
) -> None:
    async with running_site(database_url, redis_url, tmp_path, free_listening_s=1) as poor:
        words = ("focus", "1", "--server", poor.origin, "--null", "--plain")
        first, second = await command.run(*words), await command.run(*words)
    assert (first[0], second[0]) == (4, 4)
    assert "Playing until 0:01: so much of today's free listening is left." in first[1]
    assert "Today's free minutes are used" in first[1][-2]
    assert "They come again at" in second[1][-1]


async def test_status_7_for_a_server_of_another_version(
    command: Command, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SUBPROTOCOL", "soundwell.v2")  # here; the command has a process of its own
    code, said = await command.run("focus", "--server", site.origin, *NULL)
    assert (code, said[-1]) == (7, "This server speaks soundwell.v2.")


@pytest.mark.parametrize(("kind", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_signals_end_it_with_a_fade_and_the_last_line(
    site: Site, command: Command, kind: signal.Signals, status: int
) -> None:
    playing = await command.start("focus", "--server", site.origin, "--null", "--plain")
    await playing.says("Playing.")
    playing.signal(kind)
    assert await playing.ends() == status
    assert playing.said[-1].startswith("Stopped. Focus: 0:0")


async def test_what_plays_detached_goes_on_when_its_terminal_is_closed(site: Site, command: Command) -> None:
    words = ("focus", "--server", site.origin, "--null", "--plain")
    detached = await command.start(*words, "--detach")
    await detached.says("Playing.")
    detached.signal(signal.SIGHUP)
    assert (await command.run("ctl", "vol", "-10"))[0] == 0
    assert (await command.run("ctl", "stop"))[0] == 0
    assert await detached.ends() == 0
    assert detached.said[-1] == "Playing."  # nobody was there to be told more
    tied = await command.start(*words)
    await tied.says("Playing.")
    tied.signal(signal.SIGHUP)
    assert await tied.ends() == 0
    assert (await command.run("ctl", "status"))[0] == 5
