"""What the server refused, as an error of ours with the exit status that scripts know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clients.desktop.errors import ListenerError, NotAllowed, NothingLeft, OtherVersion

if TYPE_CHECKING:
    from server.realtime import wire


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What sounds on another device, which only one may."""

    session: str
    device: str


def refusal(error: wire.Error) -> ListenerError:
    """What the server refused, with the exit status that scripts know."""
    if error.code in {"limit_reached", "upgrade_required"}:
        return NothingLeft(f"{error.msg}{when(error.args.get('resets_at'))}")
    if error.code in {"unauthenticated", "forbidden"}:
        return NotAllowed(error.msg)
    if error.code == "version":
        return OtherVersion(error.msg)
    if error.code == "playing_elsewhere":
        there = elsewhere(error)
        where = "" if there is None else f" It is {there.device}."
        return ListenerError(f"{error.msg}{where} Stop it there, or say --take-over to play here.")
    return ListenerError(error.msg)


def elsewhere(error: wire.Error) -> Elsewhere | None:
    """Where sound is playing, if that is why."""
    sessions = error.args.get("sessions")
    if error.code != "playing_elsewhere" or not isinstance(sessions, list) or not sessions:
        return None
    return Elsewhere(str(sessions[0]["session"]), str(sessions[0]["device"]))


def when(resets_at: object) -> str:
    """When there is something to listen to again, in local time."""
    if not isinstance(resets_at, int | float):
        return ""
    moment = dt.datetime.fromtimestamp(resets_at, dt.UTC).astimezone()
    return f" They come again at {moment:%H:%M} on {moment:%A}."
