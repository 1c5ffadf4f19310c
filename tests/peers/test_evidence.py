"""What judges the others is judged here: it must be able to find what it looks for."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsp import listen
from dsp.listen.play import play_s16
from tests.bench.load.guests import program
from tests.peers.aftermath import Found, _examine_events, _outage_of
from tests.peers.chaos import Outage
from tests.peers.ear import CHUNK_FRAMES
from tests.peers.heard import judge
from tests.peers.journal import MOST_OPEN, Known, Writer

if TYPE_CHECKING:
    from pathlib import Path

CHUNKS = 12
GAP = 7
"""The chunk in which the sound falls, stands still and rises."""


@pytest.fixture(scope="module")
def sound() -> tuple[dict[str, Any], Any]:
    """An instance and its samples as a client has them."""
    instance = listen.open_instance(listen.parse_program(program()), seed=1, live_frame=0)
    samples = play_s16(instance, 0, CHUNKS * CHUNK_FRAMES) / np.float32(32_768)
    return instance.to_json(), samples.astype(np.float32)


def report(instance: dict[str, Any], heard: Any, **more: Any) -> dict[str, Any]:
    parts = heard.reshape(CHUNKS, CHUNK_FRAMES, 2)
    sums = [zlib.crc32(part.tobytes()) for part in parts]
    kept = {str(GAP): base64.b64encode(parts[GAP].tobytes()).decode()}
    common = {"instance": instance, "entries": instance["timeline"], "breaks": [], "fallback": []}
    return {**common, "sums": sums, "kept": kept, **more}


def test_what_was_heard_is_right_only_if_every_sample_is(sound: Any) -> None:
    instance, samples = sound
    assert judge(report(instance, samples)).wrong == ()
    other = samples.copy()
    other[3 * CHUNK_FRAMES + 5, 1] += np.float32(1 / 32_768)
    assert judge(report(instance, other)).wrong == (3,)
    assert judge(report(instance, other, fallback=[3])).wrong == ()


def test_a_silence_is_right_only_with_ramps_of_ten_milliseconds(sound: Any) -> None:
    instance, samples = sound
    at = GAP * CHUNK_FRAMES + 1_000
    breaks = [{"what": "low", "pos": at, "at": 0.0}, {"what": "refill", "pos": at + 480, "at": 1.0}]
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(480) / 480)
    heard = samples.copy()
    heard[at : at + 480] *= (1 - rise)[:, None].astype(np.float32)
    heard[at + 480 : at + 960] *= rise[:, None].astype(np.float32)
    judged = judge(report(instance, heard, breaks=breaks))
    assert (judged.wrong, judged.silences, judged.ramps) == ((), 1, 1)
    assert judge(report(instance, samples, breaks=breaks)).wrong == (GAP,), "a step is no ramp"


def test_a_journal_finds_what_is_lost_what_came_back_and_what_nobody_asked_for(tmp_path: Path) -> None:
    writer = Writer("http://nowhere", tmp_path / "journal", 1)
    writer.rows = {"a": Known({"one"}), "b": Known({"two"}, must_be_gone=True), "c": Known({"x", "y"})}
    writer.attempts = {"perhaps"}
    right = [{"id": "a", "title": "one"}, {"id": "c", "title": "y"}, {"id": "d", "title": "perhaps"}]
    assert writer.complaints(right) == []
    assert len(writer.complaints(right[1:])) == 1
    assert len(writer.complaints([*right, {"id": "b", "title": "two"}])) == 1
    assert len(writer.complaints([*right, {"id": "e", "title": "perhaps"}])) == 2
    assert len(writer.complaints([*right[:1], {"id": "c", "title": "z"}, right[2]])) == 1


def test_a_writer_throws_away_what_it_is_not_sure_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer("http://nowhere", tmp_path / "journal", 1)
    writer.rows = {"a": Known({"one"}), "b": Known({"two", "three"}, is_sure=False)}
    writer.attempts = {"perhaps"}
    own = [{"id": "a", "title": "one"}, {"id": "b", "title": "three"}, {"id": "c", "title": "perhaps"}]
    own += [{"id": "d", "title": "perhaps"}, {"id": "e", "title": "nobody's"}]

    def answer(method: str, path: str, _: object) -> dict[str, object]:
        if method == "DELETE":
            own[:] = [row for row in own if not path.endswith(row["id"])]
        return {"own": list(own)}

    monkeypatch.setattr(writer, "_try", answer)
    writer._doubts = MOST_OPEN
    assert [writer._write() for _ in range(3)] == [["deleted", "b"], ["deleted", "c"], ["cleared"]]
    assert [row["id"] for row in own] == ["a", "d", "e"], "what was made twice or not asked for stays"
    assert len(writer.complaints(own)) == 2
    line = writer._write()
    assert line is not None
    assert line[0] in {"created", "renamed", "deleted"}


def test_events_are_each_told_once_and_none_is_missing() -> None:
    log = [(1, "listen.started", "s"), (2, "listen.ended", "s")]
    found = Found()
    _examine_events(found, "somebody", {"events": [(7, 1, "listen.started"), (7, 2, "listen.ended")]}, log)
    assert found.is_good
    _examine_events(found, "somebody", {"events": [(7, 1, ""), (7, 3, "")]}, [*log, (3, *log[1][1:])])
    assert (len(found.lost), len(found.twice)) == (1, 1)


def test_a_silence_belongs_to_the_outage_before_it() -> None:
    outages = [Outage("web", 10.0, 12.0), Outage("all", 15.0, 19.0)]
    assert [_outage_of(at, outages) for at in (9.0, 11.0, 13.0, 14.8, 16.0)] == [None, 0, 0, None, 1]
