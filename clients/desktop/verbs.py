"""What each verb does, but for the playing itself."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import fnmatch
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from clients.desktop import doctor, stats
from clients.desktop.api import Api
from clients.desktop.arguments import MODES, option, parse, server_of
from clients.desktop.audio.device import WITHOUT, list_devices
from clients.desktop.completions import completions
from clients.desktop.config import Config, control_folder, own_config
from clients.desktop.control import command
from clients.desktop.embedded import run_export, serving
from clients.desktop.errors import Misuse, NoSoundCard, Unreachable
from clients.desktop.favourites import Favourites
from clients.desktop.flags import SETTINGS, read_server
from clients.desktop.library import fetch_own, fetch_shared, remove, save
from clients.desktop.net.visit import visiting
from clients.desktop.presets import fetch_presets, find_preset
from clients.desktop.screen.report import JsonReport, PlainReport, QuietReport
from clients.desktop.screen.view import Style
from clients.desktop.session import Session, Setup
from clients.desktop.share import is_link, server_in
from clients.desktop.wish import Pomodoro, Tuning, Wish, make_wish, with_rounds

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from clients.desktop.presets import Preset
    from clients.desktop.screen.report import Report

TOPICS: Final = (
    *("listen", "project", "asset", "job", "voice", "content"),
    *("billing", "tokens", "order", "train", "account", "admin"),
)
_OWN_SERVER: Final = "started here"
_FIRST: Final = "focus"
_VOLUME: Final = 70
_FADE_S: Final = 10.0


async def run(options: Namespace) -> int:
    """Run the verb and return the exit status; raises ListenerError."""
    verbs: dict[str | None, Callable[[Namespace], Awaitable[int]]] = {
        "presets": _presets,
        "export": _export,
        "stats": _stats,
        "ctl": _ctl,
        "devices": _devices,
        "doctor": _doctor,
        "events": _events,
        "config": _config,
        "completions": _completions,
    }
    return await verbs.get(options.verb, _listen)(options)


@contextlib.asynccontextmanager
async def reaching(options: Namespace) -> AsyncGenerator[tuple[Api, str | None]]:
    """The server, and its address where it is one that we started ourselves; raises Unreachable."""
    named = server_of(options) or _linked_server(options)
    token = option(options, "token") or os.environ.get("SOUNDWELL_TOKEN")
    config = own_config()
    where = named or _near_server()
    api = Api(where, token, config, where)
    try:
        await api.get("/healthz")
    except Unreachable:
        if named is not None:
            raise
    else:
        yield api, None
        return
    if not option(options, "quiet"):
        sys.stderr.write("No server answers: starting one on this machine …\n")
        sys.stderr.flush()
    with serving() as url:
        yield Api(url, token, config, _OWN_SERVER), url


def _linked_server(options: Namespace) -> str | None:
    """Where a link leads to that is to be played."""
    wanted = option(options, "preset") or ""
    return read_server(server_in(wanted)) if is_link(wanted) else None


def _near_server() -> str:
    """Where a server listens that was started with the same environment: one looks there first."""
    return f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"


async def _listen(options: Namespace) -> int:
    async with reaching(options) as (api, started):
        presets = await fetch_presets(api)
        presets += await fetch_own(api, presets)
        if is_link(wanted := option(options, "preset", "")):
            presets = (*presets, await fetch_shared(api, wanted, presets))
        wish = _wish(options, presets, api.config)
        setup = _setup(options, api.config)
        if started is not None:
            _announce(setup.report, started)
        return await Session(api, presets, setup).run(wish)


def _wish(options: Namespace, presets: Sequence[Preset], config: Config) -> Wish:
    """What is to be played; raises Misuse."""
    tuning = Tuning(option(options, "intensity"), option(options, "method"), option(options, "texture", {}))
    timer = options.timer_arg or option(options, "timer")
    wish = make_wish(_preset(options, presets, config), tuning, timer, option(options, "fade", _FADE_S))
    if options.verb == "pomodoro":
        rounds: Pomodoro = options.rounds
        sound = Pomodoro(rounds.work_min, rounds.rest_min, rounds.rounds, options.rest_sound)
        wish = with_rounds(wish, sound)
    return wish


def _preset(options: Namespace, presets: Sequence[Preset], config: Config) -> Preset:
    """What was named, else what was played last, if it is still there; raises Misuse."""
    verb = options.verb
    if verb is None:
        return next((preset for preset in presets if preset.id == config.last_preset), presets[0])
    if verb == "play":
        return presets[-1] if is_link(options.preset) else find_preset(presets, options.preset)
    return find_preset(presets, verb if verb in MODES else _FIRST)


def _setup(options: Namespace, config: Config) -> Setup:
    has_colour = sys.stdout.isatty() and not option(options, "no_color") and not os.environ.get("NO_COLOR")
    style = Style(
        meter=option(options, "meter", "lufs"),
        is_ascii=_is_ascii(options),
        has_colour=has_colour,
    )
    volume = option(options, "volume")
    return Setup(
        device=option(options, "device"),
        is_null=bool(option(options, "null")),
        record=option(options, "record"),
        buffer_ms=option(options, "buffer_ms", 10_000),
        volume=(config.volume or _VOLUME) if volume is None else volume,
        style=style,
        report=_report(options),
        takes_over=bool(option(options, "take_over")),
        is_detached=bool(option(options, "detach")),
    )


def _report(options: Namespace) -> Report | None:
    """None where there is a terminal to draw on."""
    if option(options, "json"):
        return JsonReport(sys.stdout)
    if option(options, "quiet"):
        return QuietReport()
    is_screen = sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"
    return None if is_screen and not option(options, "plain") else PlainReport(sys.stdout)


def _announce(report: Report | None, url: str) -> None:
    """Our own server is a server for the browser, too."""
    (report or PlainReport(sys.stdout)).news("server", {"url": url})


def _is_ascii(options: Namespace) -> bool:
    """Whether other signs are not wanted, or cannot be written."""
    return bool(option(options, "ascii")) or not (sys.stdout.encoding or "").casefold().startswith("utf")


async def _presets(options: Namespace) -> int:
    async with reaching(options) as (api, _):
        if options.do is not None and not options.name:
            raise Misuse(f"Say which: soundwell presets {options.do} NAME.")
        if options.do is not None:
            await (save if options.do == "save" else remove)(api, options.name)
        presets = await fetch_presets(api)
        favourites = Favourites(api, lambda *_, **__: None)
        await favourites.fetch()
        for preset in (*presets, *await fetch_own(api, presets)):
            name = preset.id if preset.program is None else preset.title
            facts = {"id": preset.id, "title": preset.title, "minutes": preset.minutes, "line": preset.line}
            facts["favourite"] = is_loved = favourites.has(preset.id)
            mark = " " if not is_loved else "*" if _is_ascii(options) else "♥"
            _tell(options, facts, f"{mark} {name:<12} {preset.minutes:>3} min  {preset.line}")
    return 0


async def _export(options: Namespace) -> int:
    given = ["--output", str(options.output)]
    for name in ("minutes", "seed", "instance"):
        if getattr(options, name) is not None:
            given += [f"--{name}", str(getattr(options, name))]
    if options.preset is not None:
        given.append(options.preset)
    return await asyncio.to_thread(run_export, given)


async def _stats(options: Namespace) -> int:
    async with reaching(options) as (api, _):
        week = await stats.fetch_week(api, dt.datetime.now().astimezone())
    text = "\n".join(stats.lines(week, is_ascii=_is_ascii(options)))
    _tell(options, week.to_json(), text)
    return 0


async def _ctl(options: Namespace) -> int:
    told = await asyncio.to_thread(command, control_folder(), options.do, options.value)
    words = "{title}: {standing}, {played_s} s of {total_s}, volume {volume}, {line}"
    _tell(options, told, words.format(**told))
    return 0


async def _config(options: Namespace) -> int:
    config = own_config()
    if options.setting is not None:
        name, is_given, value = options.setting.partition("=")
        if name not in SETTINGS or not is_given:
            raise Misuse(f'"{options.setting}" is no setting: say NAME=VALUE, one of {", ".join(SETTINGS)}.')
        if value:
            parse([f"--{name}={value}"])  # ends with status 2 where the flag would
        config.keep_setting(name, value)
    for name, value in config.settings.items():
        _tell(options, {"name": name, "value": value}, f"{name}={value}")
    return 0


async def _completions(options: Namespace) -> int:
    sys.stdout.write(completions(options.shell))
    return 0


async def _devices(options: Namespace) -> int:
    devices = list_devices()
    if not devices:
        raise NoSoundCard(f"There is no sound card here. {WITHOUT}")
    for one in devices:
        facts = {"index": one.index, "name": one.name, "channels": one.channels, "default": one.is_default}
        _tell(options, facts, f"{'*' if one.is_default else ' '}{one.index:>3}  {one.name}")
    return 0


async def _doctor(options: Namespace) -> int:
    is_fine = True
    async with reaching(options) as (api, _):
        found = doctor.examine(api, device=option(options, "device"), is_null=bool(option(options, "null")))
        async for finding in found:
            is_fine &= finding.is_fine
            facts = {"fine": finding.is_fine, "sentence": finding.sentence}
            _tell(options, facts, f"{'fine   ' if finding.is_fine else 'PROBLEM'}  {finding.sentence}")
    return 0 if is_fine else 1


async def _events(options: Namespace) -> int:
    async with reaching(options) as (api, _), visiting(api.socket_url, api.ticket, TOPICS) as visitor:
        while True:
            event = await visitor.next_event()
            if fnmatch.fnmatchcase(event.type, options.type):
                facts = {"seq": event.seq, "ts": event.ts, "type": event.type, "data": event.data}
                moment = dt.datetime.fromtimestamp(event.ts, dt.UTC).astimezone()
                _tell(options, facts, f"{moment:%H:%M:%S}  {event.type}  {json.dumps(event.data)}")


def _tell(options: Namespace, facts: dict[str, Any], text: str) -> None:
    if not option(options, "quiet"):
        sys.stdout.write(f"{json.dumps(facts) if option(options, 'json') else text}\n")
        sys.stdout.flush()
