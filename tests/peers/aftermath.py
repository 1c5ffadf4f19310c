"""After the chaos: the database against what clients were told, and what was heard against a render."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dsp import listen
from tests.peers.ear import CHUNK_FRAMES
from tests.peers.heard import judge
from tests.serving import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.peers.chaos import Outage
    from tests.peers.journal import Writer

SETTLE_S: Final = 3.0
"""Ends are written by then."""
EVERY: Final = 10
"""Of the seconds without ramps one in so many is rendered again."""
RECOVERY_S: Final = 2.0
"""A silence may begin so long after all went on: buffers were just filled again."""
UNHEARD_FRAMES: Final = 2 * 48_000
"""Sent, counted and still on its way when the run ended."""


@dataclass
class Found:
    """What is wrong, in sentences, and figures of what is right."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged, and not there."""
    twice: list[str] = field(default_factory=list)
    """Counted or told more than once."""
    unheard: list[str] = field(default_factory=list)
    """Listeners who did not go on, or heard other samples."""
    sessions: int = 0
    events: int = 0
    compared_s: float = 0.0
    ramps: int = 0
    gapless: int = 0
    """Outages that a listener did not hear, over all listeners."""
    silences: int = 0
    """Outages that outlasted somebody's buffer."""
    pieces: int = 0
    """Of these silences: while all come back at once a busy machine may serve somebody by bits."""
    uncaused: int = 0
    """Silences outside of outages where no hand was on a knob."""
    uncaused_turning: int = 0
    """The same under a hand, which leaves a quarter of a second of credit."""
    fallback: int = 0
    changes: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.twice or self.unheard or self.uncaused)

    def to_json(self) -> dict[str, Any]:
        """What is printed."""
        return {**vars(self), "compared_s": round(self.compared_s, 1)}


def examine(
    url: str, reports: Sequence[Mapping[str, Any]], writers: Sequence[Writer], outages: Sequence[Outage]
) -> Found:
    """Everything at once; the server still runs, and all have left."""
    time.sleep(SETTLE_S)
    found = Found()
    presets = asyncio.run(query(url, "SELECT principal_id::text, id::text, title FROM presets"))
    for writer in writers:
        own = [{"id": one, "title": title} for owner, one, title in presets if owner == _owner(writer.token)]
        found.lost += writer.complaints(own)
    rows = asyncio.run(
        query(url, "SELECT id::text, principal_id::text, instance::text, ended_at FROM listening_sessions")
    )
    log = asyncio.run(
        query(url, "SELECT principal_id::text, seq, type, data->>'session' FROM events ORDER BY 1, 2")
    )
    used = asyncio.run(
        query(url, "SELECT principal_id::text, sum(credited_frames)::int8 FROM usage_daily GROUP BY 1")
    )
    told: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for owner, seq, kind, session in log:
        told[str(owner)].append((int(str(seq)), str(kind), str(session)))
    for report in reports:
        owner = _owner(report["token"])
        name = f"listener {report['number']}"
        _examine_rows(found, name, report, [row for row in rows if row[1] == owner])
        _examine_events(found, name, report, told[owner])
        frames = next((int(str(frames)) for one, frames in used if one == owner), 0)
        if frames > report["run_end"] + UNHEARD_FRAMES:
            found.twice.append(f"{name}: {frames} frames of use are counted, {report['run_end']} were sent")
        _examine_sound(found, name, report, outages)
    return found


def _examine_rows(
    found: Found, name: str, report: Mapping[str, Any], rows: Sequence[tuple[object, ...]]
) -> None:
    """Every session that was opened has its row, and the newest one sounds as the client says."""
    there = {str(row[0]): row for row in rows}
    found.sessions += len(there)
    found.changes += report["changes"]
    found.lost += [f"{name}: session {one}" for one in report["sessions"] if one not in there]
    newest = there.get(report["sessions"][-1]) if report["sessions"] else None
    if newest is None or report["instance"] is None:
        return
    pos = report["frames"]
    kept = listen.values_at(listen.Instance.from_json(json.loads(str(newest[2]))), pos)
    own = listen.values_at(listen.Instance.from_json(report["instance"]), pos)
    if kept != own:
        differing = sorted(address for address in own if own[address] != kept.get(address))
        found.lost.append(f"{name}: its row has other values of {', '.join(differing)}")


def _examine_events(
    found: Found, name: str, report: Mapping[str, Any], log: Sequence[tuple[int, str, str]]
) -> None:
    """Without gaps in the table, each thing said once; none lost and none twice on the way."""
    found.events += len(log)
    if [seq for seq, _, _ in log] != list(range(1, len(log) + 1)):
        found.lost.append(f"{name}: its event log has gaps")
    for (kind, session), count in Counter((kind, session) for _, kind, session in log).items():
        if count > 1 and session != "None":
            found.twice.append(f"{name}: {kind} of session {session} is told {count} times")
    heard = [seq for _, seq, _ in report["events"]]
    if len(heard) != len(set(heard)):
        found.twice.append(f"{name}: it was told events twice: {heard}")
    if heard and sorted(heard) != list(range(heard[0], heard[-1] + 1)):
        found.lost.append(f"{name}: it was not told every event: {heard}")


def _examine_sound(found: Found, name: str, report: Mapping[str, Any], outages: Sequence[Outage]) -> None:
    """It goes on; silence only where an outage outlasted the buffer, and the right samples around it."""
    if report["failure"] or report["outcome"]:
        found.unheard.append(f"{name} ended: {report['failure'] or report['outcome']}")
    judged = judge(report, every=EVERY)
    found.compared_s += judged.checked / 10
    found.ramps += judged.ramps
    found.fallback += judged.fallback
    if judged.wrong:
        places = ", ".join(_place(number, report["happened"]) for number in judged.wrong[:5])
        found.unheard.append(f"{name}: {len(judged.wrong)} tenths sound otherwise: {places}")
    lows = [one["at"] for one in report["breaks"] if one["what"] == "low"]
    silences = Counter(_outage_of(at, outages) for at in lows if at >= outages[0].killed_at)
    uncaused = silences.pop(None, 0)
    found.uncaused += uncaused * report["is_steady"]
    found.uncaused_turning += uncaused * (not report["is_steady"])
    found.silences += len(silences)
    found.pieces += silences.total()
    found.gapless += len(outages) - len(silences)


def _place(chunk: int, happened: Sequence[tuple[str, int]]) -> str:
    """A tenth of a second, and what the player did around it."""
    start = chunk * CHUNK_FRAMES
    near = [f"{what} {pos - start:+}" for what, pos in happened if abs(pos - start) <= 2 * CHUNK_FRAMES]
    return f"{chunk / 10:.1f} s ({', '.join(near)})"


def _outage_of(at: float, outages: Sequence[Outage]) -> int | None:
    """The last outage that had begun, unless all had gone on long before."""
    begun = [number for number, one in enumerate(outages) if one.killed_at <= at]
    return begun[-1] if begun and at <= outages[begun[-1]].back_at + RECOVERY_S else None


def _owner(token: str) -> str:
    """Whose bearer token it is."""
    body = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])
