"""What a client sends."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated, Literal

from server.realtime.wire.declare import (
    CLIENT_MESSAGES,
    COUNT,
    HANDLE,
    NAME,
    POSITION,
    Limit,
    Message,
    Play,
    Request,
    RequestId,
    Sid,
    Title,
    declared,
)
from server.realtime.wire.fields import Anything, Choice, Flag, Int, ListOf, Number, Patch, Record, Text

_CLIENT = Record(optional={"name": NAME, "ver": NAME, "os": NAME, "device": NAME})
_CAPS = Record(optional={"codecs": ListOf(NAME, 8), "sab": Flag(), "out_latency_ms": Number(0, 10_000)})
_HEARD = Record({"sid": HANDLE, "have": POSITION, "play": POSITION, "epoch": COUNT})
_CURSOR = Record({"epoch": POSITION, "after": POSITION})
_RESUME = Record({"token": NAME}, {"last_re": COUNT, "streams": ListOf(_HEARD, 8), "events": _CURSOR})
_RESTORE = Record({"session": NAME, "instance": Anything(), "from": POSITION})


@declared(CLIENT_MESSAGES)
class Hello(Message):
    """First message of a connection, within 5 s: a ticket, or the token of an earlier connection."""

    T = "hello"
    v: Annotated[Sequence[int], ListOf(Int(0, 255), 16), "versions that the client knows"]
    ticket: Annotated[str | None, Text(1024), "single use, from POST /api/auth/ws-ticket"] = None
    resume: Annotated[Mapping[str, object] | None, _RESUME, "{token, last_re, streams, events}"] = None
    client: Annotated[Mapping[str, object], _CLIENT, "{name, ver, os, device}"] = field(default_factory=dict)
    caps: Annotated[Mapping[str, object], _CAPS, "{codecs, sab, out_latency_ms}"] = field(
        default_factory=dict
    )
    want: Annotated[Sequence[str], ListOf(NAME, 16), "features that the client would use"] = ()


@declared(CLIENT_MESSAGES)
class Bye(Message):
    """The client leaves for good: its streams end."""

    T = "bye"
    reason: Annotated[str, NAME, "for the log"] = ""


@declared(CLIENT_MESSAGES)
class TimeProbe(Message):
    """Round-trip probe: three 50 ms apart after `welcome`, then every 5 s."""

    T = "time"
    id: RequestId
    c0: Annotated[float, Number(0, 2**53), "the client's clock, returned as it is"]
    srtt_us: Annotated[int | None, COUNT, "smoothed round trip, RFC 6298"] = None
    rttvar_us: Annotated[int | None, COUNT, "its variation"] = None


@declared(CLIENT_MESSAGES)
class AuthRenew(Request):
    """Go on as the user that claimed this guest; nothing else may change."""

    T = "auth.renew"
    id: RequestId
    ticket: Annotated[str, Text(1024), "a fresh ticket of the user"]


@declared(CLIENT_MESSAGES)
class StreamOpen(Request):
    """Open a stream; the fields of its kind stand beside these."""

    T = "stream.open"
    REST = "args"
    id: RequestId
    kind: Title
    codec_pref: Annotated[Sequence[str], ListOf(NAME, 8), "codecs, best first"] = ("s16",)
    play: Play = 0
    limit: Limit = 0
    restore: Annotated[Mapping[str, object] | None, _RESTORE, "{session, instance, from}: go on"] = None
    take: Annotated[str | None, NAME, "session on another device that shall sound here"] = None
    replace: Annotated[int | None, HANDLE, "sid that ends with a fade of 300 ms"] = None
    args: Mapping[str, object] = field(default_factory=dict)


@declared(CLIENT_MESSAGES)
class ParamSet(Request):
    """Turn parameters; the newest value per address wins within 10 ms."""

    T = "param.set"
    id: RequestId
    sid: Sid
    p: Annotated[Mapping[str, float | str], Patch(64), "{address: value}"]
    ramp_ms: Annotated[float, Number(10, 60_000), "raised cosine to the new values"] = 30
    gesture: Annotated[bool, Flag(), "a hand is on the control"] = False
    play: Play
    limit: Limit


@declared(CLIENT_MESSAGES)
class Transport(Request):
    """Play, pause, seek, stop or loop."""

    T = "transport"
    id: RequestId
    sid: Sid
    op: Annotated[
        Literal["play", "pause", "seek", "stop", "loop"],
        Choice(("play", "pause", "seek", "stop", "loop")),
        "what to do",
    ]
    to: Annotated[int | None, POSITION, "seek: frame of the programme"] = None
    a: Annotated[int | None, POSITION, "loop: first frame of the programme"] = None
    b: Annotated[int | None, POSITION, "loop: frame after the last"] = None
    play: Play
    limit: Limit


@declared(CLIENT_MESSAGES)
class SessionExtend(Request):
    """Play longer."""

    T = "session.extend"
    id: RequestId
    sid: Sid
    duration_s: Annotated[float, Number(1, 86_400), "seconds added to the end"]


@declared(CLIENT_MESSAGES)
class SessionFinish(Request):
    """Fade out now and end."""

    T = "session.finish"
    id: RequestId
    sid: Sid
    fade_ms: Annotated[float, Number(10, 600_000), "length of the fade"]


@declared(CLIENT_MESSAGES)
class EventsSub(Request):
    """Follow the event log, from a cursor or from now."""

    T = "events.sub"
    id: RequestId
    topics: Annotated[Sequence[str], ListOf(NAME, 16), "topics to receive"]
    after: Annotated[Mapping[str, object] | None, _CURSOR, "{epoch, after}: the last event seen"] = None


@declared(CLIENT_MESSAGES)
class MetersSub(Request):
    """Have levels of a stream sent beside it, or no longer; nothing is measured without."""

    T = "meters.sub"
    id: RequestId
    sid: Sid
    hz: Annotated[float, Number(0, 20), "entries a second; 0 ends it"]
    what: Annotated[Sequence[str], ListOf(Choice(("peak", "rms")), 2), "per ear, in this order"] = (
        "peak",
        "rms",
    )


@declared(CLIENT_MESSAGES)
class Flow(Message):
    """Credit and clock of one stream."""

    T = "flow"
    sid: Sid
    play: Play
    have: Annotated[int, POSITION, "end of the contiguous run of the newest known epoch, from `play`"]
    limit: Limit
    underruns: Annotated[int, COUNT, "since the stream began on this connection"] = 0
    late_ms: Annotated[float, Number(0, 60_000), "how much too late the last splice came, else 0"] = 0


@declared(CLIENT_MESSAGES)
class Played(Message):
    """Statistics, every 15 s and before `bye`."""

    T = "played"
    sid: Sid
    play: Play
    underruns: Annotated[int, COUNT, "times that the ring ran dry"] = 0
    late: Annotated[int, COUNT, "splices that came too late"] = 0
