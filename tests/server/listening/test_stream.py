from __future__ import annotations

import json
from typing import Any, cast

import pytest

from dsp import listen
from server.listening.allowance import RATE_HZ
from server.listening.opening import read_draft
from server.listening.standby import Standby
from server.listening.stream import Course, live_frame
from server.realtime.errors import RealtimeError
from server.realtime.stream import OpenRequest
from tests.server.listening.desk import MINUTE, booth

SECOND = RATE_HZ


def entries(instance: object) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", cast("dict[str, object]", instance)["timeline"])


def test_ready_tells_what_the_client_must_hold() -> None:
    stream = booth().stream
    ready = stream.ready()
    assert ready["start_pos"] == 0
    envelope = stream.envelope()
    assert (envelope.rev, envelope.end_pos) == (1, 25 * MINUTE)
    assert envelope.gain_env == (
        (0, 0.0),
        (2 * SECOND, 1.0),
        (25 * MINUTE - 30 * SECOND, 1.0),
        (25 * MINUTE, 0.0),
    )
    instance = listen.Instance.from_json(json.loads(json.dumps(ready["instance"])))
    assert entries(instance.to_json()) == [envelope.entry]
    params = {one["address"]: one["value"] for one in cast("list[dict[str, Any]]", ready["params"])}
    assert params["am.depth"] == 45
    assert params["am.rate_hz"] == 10


def test_a_knob_is_an_entry_of_the_instance_and_changes_what_is_rendered() -> None:
    stream = booth().stream
    before = cast("listen.Span", stream.span(0, 960))
    change = stream.set(96_000, {"am.depth": 200.0}, 1440)
    after = cast("listen.Span", stream.span(0, 960))
    assert change.entry["p"] == {"am.depth": 100.0}
    assert change.clamped == {"am.depth": 100.0}
    assert change.from_pos == 96_000 - stream.lookahead
    assert before.plan is not after.plan
    assert entries(stream.ready()["instance"])[-1] == change.entry


@pytest.mark.parametrize("patch", [{"am.shape": 1.0}, {"am.depth": "much"}, {"noise.color": "beige"}])
def test_what_cannot_be_set_is_refused_by_name_and_changes_nothing(patch: dict[str, float | str]) -> None:
    stream = booth().stream
    before = stream.ready()
    for attempt in (lambda: stream.check(patch), lambda: stream.set(96_000, patch, 1440)):
        with pytest.raises(RealtimeError) as refusal:
            attempt()
        assert refusal.value.code == "invalid_param"
        assert refusal.value.field == next(iter(patch))
    assert stream.ready() == before


def test_pause_and_a_short_rest_change_no_sample() -> None:
    stream = booth().stream
    nowhere = {"to": None, "a": None, "b": None}
    paused = stream.transport("pause", 96_000, splice_at=98_000, paused_s=0, **nowhere)
    played = stream.transport("play", 110_400, splice_at=112_000, paused_s=59, **nowhere)
    assert (paused.from_pos, played.from_pos) == (None, None)
    assert paused.entry["pos"] == 96_000


def test_a_long_rest_joins_the_live_clock() -> None:
    one = booth()
    nowhere = {"to": None, "a": None, "b": None}
    one.stream.transport("pause", 96_000, splice_at=98_000, paused_s=0, **nowhere)
    one.clock.advance(3600)
    played = one.stream.transport("play", 110_400, splice_at=112_320, paused_s=3600, **nowhere)
    assert played.from_pos == 112_320 - one.stream.lookahead
    offsets = set(cast("dict[str, int]", played.entry["stations"]).values())
    (offset,) = offsets
    assert abs(offset + 110_400 - live_frame(one.clock)) < 960


def test_it_is_exact_while_a_binaural_layer_is_heard() -> None:
    """A preset holds the layer at level 0 until somebody turns it up."""
    stream = booth().stream
    exact = [stream.is_exact]
    for at, level in ((9_600, 45), (96_000, 0)):
        stream.set(at, {"binaural.level": level}, 1_440)
        exact.append(stream.is_exact)
    assert exact == [False, True, False]


def test_seek_moves_programme_time() -> None:
    change = booth().stream.transport(
        "seek", 96_000, splice_at=98_000, to=5 * MINUTE, a=None, b=None, paused_s=0
    )
    assert change.media_map is not None
    assert list(change.media_map[0]) == [98_000, 5 * MINUTE, 1]


def test_seek_to_nowhere_is_refused() -> None:
    with pytest.raises(RealtimeError) as refusal:
        booth().stream.transport("seek", 96_000, splice_at=98_000, to=None, a=None, b=None, paused_s=0)
    assert refusal.value.field == "to"


def test_loop_and_the_end_of_it() -> None:
    stream = booth().stream
    looped = stream.transport("loop", 96_000, splice_at=98_000, to=None, a=0, b=MINUTE, paused_s=0)
    ended = stream.transport("loop", 96_000, splice_at=99_000, to=None, a=None, b=None, paused_s=0)
    assert (looped.entry["a"], looped.entry["b"]) == (0, MINUTE)
    assert ended.entry["a"] is None


def test_extend_moves_the_end_and_counts_as_planned() -> None:
    stream = booth().stream
    envelope = stream.extend(MINUTE, 300)
    assert (envelope.rev, envelope.end_pos) == (2, 30 * MINUTE)
    assert envelope.entry is not None
    assert envelope.entry["gain_env"] == [list(point) for point in envelope.gain_env]
    assert stream.planned_s == 1800


def test_finish_fades_from_where_it_was_asked() -> None:
    stream = booth().stream
    envelope = stream.finish(MINUTE, 300)
    assert envelope.end_pos == MINUTE + 14_400
    assert envelope.gain_env[-2:] == ((MINUTE, 1.0), (MINUTE + 14_400, 0.0))
    assert stream.planned_s == 1500


def test_finish_never_prolongs() -> None:
    stream = booth().stream
    at = 25 * MINUTE - 1000
    assert stream.finish(at, 60_000).end_pos == 25 * MINUTE
    assert stream.finish(25 * MINUTE + 480, 300).end_pos == 25 * MINUTE


def test_extend_after_finish_goes_on_from_there() -> None:
    stream = booth().stream
    stream.finish(MINUTE, 1000)
    assert stream.extend(MINUTE + 24_000, 60).end_pos == 2 * MINUTE + SECOND


@pytest.mark.parametrize(
    ("left_min", "end_min", "fade_s"), [(None, 25, 30), (40, 25, 30), (25, 25, 30), (10, 10, 10)]
)
def test_ends_with_the_timer_or_with_the_allowance(left_min: float | None, end_min: int, fade_s: int) -> None:
    envelope = booth(left_min=left_min).stream.envelope()
    assert envelope.end_pos == end_min * MINUTE
    assert envelope.gain_env[-2:] == ((end_min * MINUTE - fade_s * SECOND, 1.0), (end_min * MINUTE, 0.0))


def test_an_extension_stays_within_the_allowance() -> None:
    one = booth(left_min=26)
    one.stream.credited(2 * MINUTE)
    assert one.stream.extend(MINUTE, 600).end_pos == 26 * MINUTE


def test_credit_is_counted_once_for_frames_that_are_sent_again_after_a_takeover() -> None:
    course = Course(
        planned_end=25 * MINUTE, fade_in=480, fade_out=480, start_pos=MINUTE, counted_pos=2 * MINUTE
    )
    one = booth(course=course, left_min=10)
    assert one.stream.envelope().end_pos == 12 * MINUTE
    one.stream.credited(MINUTE // 2)
    assert one.desk.credited == 0
    one.stream.credited(MINUTE)
    assert one.desk.credited == MINUTE // 2
    assert one.stream.credited_pos == 2 * MINUTE + MINUTE // 2


def test_midnight_moves_an_end_that_only_the_day_had_set() -> None:
    one = booth(left_min=10)
    one.stream.credited(9 * MINUTE)
    assert one.stream.envelope().end_pos == 10 * MINUTE
    one.stream.allowance.turn(one.stream.allowance.day.ends_at)
    one.stream.follow_allowance()
    assert [envelope.end_pos for envelope in one.told] == [19 * MINUTE]
    one.stream.follow_allowance()
    assert len(one.told) == 1


def test_what_another_process_used_shortens_it_softly() -> None:
    one = booth(left_min=20)
    one.stream.credited(MINUTE)
    one.stream.allowance.used_frames += 10 * MINUTE
    one.stream.follow_allowance()
    (envelope,) = one.told
    assert envelope.end_pos == 10 * MINUTE
    assert envelope.gain_env[-2:] == ((10 * MINUTE - 10 * SECOND, 1.0), (10 * MINUTE, 0.0))


def test_an_envelope_of_its_own_does_not_hold_up_the_next_knob() -> None:
    one = booth(left_min=20)
    one.stream.credited(10 * SECOND)
    one.stream.allowance.used_frames += 10 * MINUTE
    one.stream.follow_allowance()
    assert one.stream.set(SECOND, {"am.depth": 20.0}, 1440).entry["pos"] == SECOND


def test_a_finished_stream_follows_no_allowance() -> None:
    one = booth(left_min=10)
    one.stream.credited(MINUTE)
    one.stream.finish(MINUTE, 1000)
    one.stream.allowance.turn(one.stream.allowance.day.ends_at)
    one.stream.follow_allowance()
    assert not one.told


def test_hears_no_more_than_was_sent_nor_beyond_the_end() -> None:
    stream = booth().stream
    stream.credited(MINUTE)
    stream.played(2**50, 3, 1)
    assert stream.heard_s == 60
    assert stream.underruns == 3
    stream.played(30, 1, 1)
    assert (stream.heard_s, stream.underruns) == (60, 3)
    stream.finish(MINUTE // 2, 10)
    assert stream.heard_s == pytest.approx(30.01)


@pytest.mark.parametrize(
    ("given", "left_min", "played_min", "reason"),
    [
        ("completed", None, 25, "completed"),
        ("completed", 10, 10, "limit_reached"),
        ("stopped", 10, 5, "stopped"),
        ("lost", 10, 10, "lost"),
    ],
)
async def test_knows_why_it_ended(given: str, left_min: float | None, played_min: int, reason: str) -> None:
    one = booth(left_min=left_min)
    one.stream.credited(played_min * MINUTE)
    told = await one.stream.close(given, played_min * MINUTE)
    assert told == {"heard_s": played_min * 60, "reason": reason}
    assert one.desk.ended == [reason]


async def test_a_finished_fade_is_a_stop() -> None:
    one = booth()
    one.stream.credited(2 * MINUTE)
    one.stream.finish(MINUTE, 1000)
    assert (await one.stream.close("completed", 2 * MINUTE))["reason"] == "stopped"


def test_the_row_gets_the_instance_only_when_it_changed() -> None:
    stream = booth().stream
    assert stream.keep().instance is not None
    assert stream.keep().instance is None
    stream.set(96_000, {"am.depth": 20.0}, 1440)
    kept = stream.keep().instance
    assert kept is not None
    assert entries(kept)[-1]["p"] == {"am.depth": 20.0}


def test_old_entries_fold_into_one() -> None:
    stream = booth().stream
    assert stream.fold(3 * MINUTE) is None
    for number in range(1, 30):
        stream.set(number * 4800, {"am.depth": float(number)}, 1440)
    base = stream.fold(3 * MINUTE)
    assert base is not None
    assert base["kind"] == "base"
    assert entries(stream.ready()["instance"]) == [base]
    assert stream.fold(3 * MINUTE) is None


def test_parked_it_renders_the_same() -> None:
    stream = booth().stream
    stream.set(9600, {"am.depth": 20.0}, 1440)
    before = cast("listen.Span", stream.span(9600, 960))
    stream.park()
    after = cast("listen.Span", stream.span(9600, 960))
    assert (listen.render(before.plan, 9600, 960) == listen.render(after.plan, 9600, 960)).all()


def test_goes_on_from_its_checkpoint() -> None:
    one = booth(left_min=10)
    one.stream.set(9600, {"am.depth": 20.0}, 1440)
    one.stream.credited(MINUTE)
    one.stream.played(MINUTE // 2, 2, 0)
    checkpoint = json.loads(json.dumps(one.stream.checkpoint()))
    draft = read_draft(OpenRequest("listen", {}, checkpoint=checkpoint), 0, Standby(one.clock).draw_seed)
    again = booth(left_min=9, course=draft.course, instance=draft.instance, envelope=draft.envelope)
    assert again.stream.ready()["start_pos"] == MINUTE
    assert again.stream.envelope().end_pos == one.stream.envelope().end_pos
    assert again.stream.heard_s == one.stream.heard_s
    assert again.stream.underruns == 2
    assert again.stream.planned_s == one.stream.planned_s
