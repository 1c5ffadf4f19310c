"""News in sentences, for people, logs and screen readers: one line per change."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from clients.desktop.screen.view import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clients.desktop.player import Outcome

_LINE = {
    "connecting": "Connecting.",
    "connected": "Connected.",
    "reconnecting": "The line is gone; playing on from the buffer.",
    "closed": "The line is closed.",
    "superseded": "Another device took over.",
}
_ENDINGS = {
    "completed": "Done",
    "stopped": "Stopped",
    "limit_reached": "Today's free minutes are used",
    "taken": "Taken over by another device",
}


def sentence(what: str, facts: Mapping[str, object]) -> str | None:
    """What is said about a piece of news; None where there is nothing to say."""
    if what == "line":
        return _LINE[str(facts["line"])]
    if what in {"refused", "notice"}:
        return str(facts["sentence"])
    if what in {"opened", "extended"} and facts["end_pos"] is not None:
        until = f"Playing until {clock(cast('int', facts['end_pos']) / 48_000)}"
        return f"{until}: so much of today's free listening is left." if facts.get("short") else f"{until}."
    return {
        "playing": "Playing.",
        "paused": "Paused.",
        "muted": "Muted.",
        "unmuted": "Not muted.",
        "volume": f"Volume {facts.get('volume')} %.",
        "intensity": f"Intensity {facts.get('intensity')} %.",
        "part": f"Now: {facts.get('part')}.",
        "elsewhere": f"Sound is playing on {facts.get('device')}.",
        "favourite": f"{facts.get('title')} is {'a' if facts.get('favourite') else 'no longer a'} favourite.",
        "server": f"A server was started for you; in the browser: {facts.get('url')}",
        "recording": f"Recording to {facts.get('path')}.",
    }.get(what)


def summary(title: str, outcome: Outcome) -> str:
    """The last line."""
    how = _ENDINGS.get(outcome.reason, outcome.reason.replace("_", " "))
    dropouts = "no dropouts" if outcome.underruns == 0 else f"dropouts: {outcome.underruns}"
    late = f", late changes: {outcome.late}" if outcome.late else ""
    return f"{how}. {title}: {clock(outcome.heard_s)} heard, {dropouts}{late}."
