"""What the server sends."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated

from server.realtime.wire.codes import ERROR_CODES, ErrorCode
from server.realtime.wire.declare import (
    CLIENT_MESSAGES,
    COUNT,
    HANDLE,
    NAME,
    POSITION,
    SERVER_MESSAGES,
    At,
    EndPos,
    Entry,
    Epoch,
    GainEnv,
    MaybeRe,
    Message,
    Re,
    Rev,
    Sentence,
    Sid,
    Title,
    declared,
)
from server.realtime.wire.fields import Anything, Choice, Flag, Int, ListOf, Nullable, Number, Row


@declared(SERVER_MESSAGES)
class Welcome(Message):
    """Answer to `hello`."""

    T = "welcome"
    v: Annotated[int, Int(1, 255), "the version spoken"]
    client: Annotated[str, NAME, "name of this client session"]
    resume_token: Annotated[str, NAME, "for the next connection"]
    resume_ttl_s: Annotated[int, COUNT, "how long the server keeps what is needed to resume"]
    now_us: Annotated[int, POSITION, "the server's monotonic clock"]
    auth_until: Annotated[float, Number(0, 2**53), "unix seconds at which authority ends"]
    limits: Annotated[Mapping[str, object], Anything(), "streams, connections, rates, sizes"]
    features: Annotated[Sequence[str], ListOf(NAME, 64), "additions of this server"]
    user: Annotated[Mapping[str, object], Anything(), "{plan, trial_ends, allowance: {left_s, resets_at}?}"]


@declared(SERVER_MESSAGES)
class TimeAnswer(Message):
    """Answer to a round-trip probe, sent before everything else."""

    T = "time"
    re: Re
    c0: Annotated[float, Number(0, 2**53), "as sent"]
    now_us: Annotated[int, POSITION, "the server's monotonic clock"]


@declared(SERVER_MESSAGES)
class AuthRenewed(Message):
    """The connection goes on with this authority."""

    T = "auth.renewed"
    re: Re
    auth_until: Annotated[float, Number(0, 2**53), "unix seconds at which authority ends"]
    limits: Annotated[Mapping[str, object], Anything(), "as in `welcome`"]
    user: Annotated[Mapping[str, object], Anything(), "as in `welcome`"]


@declared(SERVER_MESSAGES)
class Notice(Message):
    """Something worth knowing; nothing needs to be done."""

    T = "notice"
    code: Title
    msg: Sentence


@declared(SERVER_MESSAGES)
class GoAway(Message):
    """The server restarts: connect again, with resume."""

    T = "goaway"
    reason: Title
    in_ms: Annotated[int, COUNT, "milliseconds until the socket closes"]
    resume: Annotated[bool, Flag(), "whether to resume"]
    url: Annotated[str | None, NAME, "where to, if elsewhere"] = None


@declared(CLIENT_MESSAGES, SERVER_MESSAGES)
class Error(Message):
    """Something was refused; a fatal one is followed by the close."""

    T = "error"
    REST = "args"
    re: MaybeRe = None
    code: Annotated[ErrorCode, Choice(ERROR_CODES), "stable code"]
    msg: Sentence
    fatal: Annotated[bool, Flag(), "whether the socket closes now"] = False
    retry_ms: Annotated[int | None, COUNT, "try again after"] = None
    field: Annotated[str | None, NAME, "which field or parameter"] = None
    sid: Annotated[int | None, HANDLE, "which stream"] = None
    args: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Facts of the code: sessions of playing_elsewhere, feature of upgrade_required."""


_MARKS = ListOf(Row((POSITION, NAME)), 256)
_MEDIA_MAP = Nullable(ListOf(Row((POSITION, POSITION, Number(0, 4))), 256))
_PARAMS = ListOf(Anything(), 256)


@declared(SERVER_MESSAGES)
class StreamReady(Message):
    """The stream is open; audio follows as credit allows."""

    T = "stream.ready"
    re: Re
    sid: Sid
    kind: Title
    session: Annotated[str, NAME, "the listening that this stream plays"]
    codec: Annotated[str, NAME, "of the packets"]
    codec_delay: Annotated[int, COUNT, "frames to drop after a decoder reset"] = 0
    rate: Annotated[int, COUNT, "frames per second"] = 48_000
    ch: Annotated[int, Int(1, 8), "channels"] = 2
    start_pos: Annotated[int, POSITION, "first frame"]
    end_pos: EndPos
    gain_env: GainEnv
    rev: Rev
    marks: Annotated[Sequence[Sequence[object]], _MARKS, "[[pos, name]…]"] = ()
    epoch: Epoch = 0
    guard_ms: Annotated[float, Number(0, 60_000), "present distance between playhead and splice"]
    lookahead: Annotated[int, COUNT, "an entry at `at` changes no frame before at - lookahead"]
    instance: Annotated[Mapping[str, object], Anything(), "everything that determines the sound"]
    params: Annotated[Sequence[object], _PARAMS, "ParamSpec of each live parameter"] = ()


@declared(SERVER_MESSAGES)
class StreamResumed(Message):
    """After a resume: the stream goes on at `from`."""

    T = "stream.resumed"
    sid: Sid
    from_: Annotated[int, POSITION, "first frame that is sent again or new"]
    epoch: Epoch
    gapless: Annotated[bool, Flag(), "whether the client still held audio"]
    end_pos: EndPos
    gain_env: GainEnv
    rev: Rev


@declared(SERVER_MESSAGES)
class ParamAck(Message):
    """The change is heard from `at`."""

    T = "param.ack"
    re: Re
    at: At
    epoch: Epoch
    entry: Entry
    clamped: Annotated[Mapping[str, float | str] | None, Anything(), "values moved into their range"] = None


@declared(SERVER_MESSAGES)
class TransportAck(Message):
    """The transport changes at `at`."""

    T = "transport.ack"
    re: Re
    at: At
    epoch: Epoch
    entry: Entry
    media_map: Annotated[Sequence[Sequence[float]] | None, _MEDIA_MAP, "[[pos, media_pos, rate]…]"] = None


@declared(SERVER_MESSAGES)
class MetersState(Message):
    """Answer to `meters.sub`."""

    T = "meters.state"
    re: Re
    sid: Sid
    hz: Annotated[float, Number(0, 20), "entries a second; 0: none"]
    what: Annotated[Sequence[str], ListOf(NAME, 8), "what each entry holds, left and right of each"]


@declared(SERVER_MESSAGES)
class StreamEnv(Message):
    """Replaces the envelope; answers `session.extend` and `session.finish`."""

    T = "stream.env"
    re: MaybeRe = None
    sid: Sid
    rev: Rev
    end_pos: EndPos
    gain_env: GainEnv
    entry: Annotated[Mapping[str, object] | None, Anything(), "`end` entry for the instance"] = None


@declared(SERVER_MESSAGES)
class StreamBase(Message):
    """A `base` entry: the client drops what it replaces."""

    T = "stream.base"
    sid: Sid
    entry: Entry


@declared(SERVER_MESSAGES)
class StreamMark(Message):
    """A mark has been passed."""

    T = "stream.mark"
    sid: Sid
    pos: Annotated[int, POSITION, "where it stands"]
    name: Title


@declared(SERVER_MESSAGES)
class StreamEnd(Message):
    """The stream is over and its row is written."""

    T = "stream.end"
    sid: Sid
    reason: Title
    played_frames: Annotated[int, POSITION, "frames that were played"]
    heard_s: Annotated[float, Number(0, 2**53), "what the row says"]
    by: Annotated[str | None, NAME, "device that took the session over"] = None


@declared(SERVER_MESSAGES)
class Event(Message):
    """One row of the event log."""

    T = "event"
    epoch: Annotated[int, POSITION, "generation of the log"]
    seq: Annotated[int, POSITION, "rises by one"]
    ts: Annotated[float, Number(0, 2**53), "unix seconds"]
    topic: Title
    type: Title
    data: Annotated[Mapping[str, object], Anything(), "by type"]
    v: Annotated[int, Int(1, 255), "version of the type"] = 1


@declared(SERVER_MESSAGES)
class EventsState(Message):
    """Answer to `events.sub`; the backlog follows, then live events."""

    T = "events.state"
    re: Re
    recovered: Annotated[bool, Flag(), "false: events were lost, read the state anew"]
    epoch: Annotated[int, POSITION, "generation of the log"]
    head: Annotated[int, POSITION, "newest seq"]
    snapshot: Annotated[Mapping[str, object] | None, Anything(), "state at `head`, if not recovered"] = None
