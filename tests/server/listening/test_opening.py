from __future__ import annotations

import copy
from typing import Any, cast

import pytest

from server.kit.clock import Clock
from server.listening.allowance import RATE_HZ
from server.listening.opening import is_taking, read_draft, session_id_of
from server.listening.presets import FOCUS
from server.listening.standby import Standby
from server.realtime.errors import RealtimeError
from server.realtime.stream import OpenRequest, Restore
from tests.server.listening.desk import MINUTE, booth

PROGRAM = FOCUS.program()
DRAW = Standby(Clock()).draw_seed


def wish(**args: Any) -> OpenRequest:
    return OpenRequest("listen", args)


def kept() -> dict[str, Any]:
    """An instance of 25 minutes as a client holds it."""
    return copy.deepcopy(cast("dict[str, Any]", booth().stream.ready()["instance"]))


def restore(instance: dict[str, Any], from_pos: int = MINUTE, session: str = "x") -> OpenRequest:
    return OpenRequest("listen", {}, restore=Restore(session, instance, from_pos))


def test_a_preset_is_as_long_as_it_says() -> None:
    draft = read_draft(wish(preset="focus"), 0, DRAW)
    assert draft.course.planned_end == 25 * MINUTE
    assert (draft.course.fade_in, draft.course.fade_out) == (2 * RATE_HZ, 10 * RATE_HZ)
    assert draft.preset == "focus"
    assert draft.session is None


def test_what_was_asked_for_counts() -> None:
    marks = [[5 * MINUTE, "break"], [MINUTE, "work"]]
    asked = wish(preset="sleep", duration_s=600, fade_in_ms=10, fade_out_ms=60_000, seed=9, marks=marks)
    draft = read_draft(asked, 960, DRAW)
    assert draft.course.planned_end == 10 * MINUTE
    assert (draft.course.fade_in, draft.course.fade_out) == (480, 60 * RATE_HZ)
    assert draft.course.marks == ((MINUTE, "work"), (5 * MINUTE, "break"))
    assert draft.instance.seed == 9
    assert {station.offset for station in draft.instance.stations.values()} == {960}
    assert draft.instance.program.modulation is not None
    assert draft.instance.program.modulation.rate_hz.keyframes[-1].t_s == 600


def test_two_people_do_not_hear_the_same_unless_they_name_a_seed() -> None:
    seeds = {read_draft(wish(preset="focus"), 0, DRAW).instance.seed for _ in range(4)}
    assert len(seeds) == 4


def test_a_program_of_ones_own_opens() -> None:
    draft = read_draft(wish(program=PROGRAM, duration_s=90.5), 0, DRAW)
    assert draft.course.planned_end == round(90.5 * RATE_HZ)
    assert draft.preset is None


@pytest.mark.req("S0-48")
@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({}, "invalid_param", None),
        ({"preset": "focus", "program": PROGRAM, "duration_s": 60}, "invalid_param", None),
        ({"program": PROGRAM}, "invalid_param", None),
        ({"preset": "gamma"}, "not_found", "preset"),
        ({"preset": 5}, "invalid_param", "preset"),
        ({"preset": "focus", "duration_s": 0}, "invalid_param", "duration_s"),
        ({"preset": "focus", "duration_s": 43_201}, "invalid_param", "duration_s"),
        ({"preset": "focus", "duration_s": "60"}, "invalid_param", "duration_s"),
        ({"preset": "focus", "duration_s": float("nan")}, "invalid_param", "duration_s"),
        ({"preset": "focus", "seed": -1}, "invalid_param", "seed"),
        ({"preset": "focus", "seed": 1.5}, "invalid_param", "seed"),
        ({"preset": "focus", "fade_in_ms": 9}, "invalid_param", "fade_in_ms"),
        ({"preset": "focus", "fade_out_ms": 600_001}, "invalid_param", "fade_out_ms"),
        ({"preset": "focus", "marks": [["a", 5]]}, "invalid_param", "marks.0.0"),
        ({"preset": "focus", "marks": [[5, "a"]] * 65}, "invalid_param", "marks"),
        ({"program": {"v": 2}, "duration_s": 60}, "invalid_param", "program.v"),
        ({"program": {**PROGRAM, "layers": {}}, "duration_s": 60}, "invalid_param", "program.layers"),
        ({"program": {**PROGRAM, "more": 1}, "duration_s": 60}, "invalid_param", "program.more"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(args: dict[str, Any], code: str, field: str | None) -> None:
    with pytest.raises(RealtimeError) as refusal:
        read_draft(wish(**args), 0, DRAW)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_goes_on_from_what_the_client_kept() -> None:
    draft = read_draft(restore(kept(), session="00000000-0000-0000-0000-000000000001"), 0, DRAW)
    assert draft.session is not None
    assert draft.course.start_pos == draft.course.unheard == MINUTE
    assert draft.course.fade_out == 30 * RATE_HZ
    assert draft.envelope is not None
    assert draft.envelope.end_pos == 25 * MINUTE


def _end(instance: dict[str, Any]) -> dict[str, Any]:
    end: dict[str, Any] = instance["timeline"][-1]
    return end


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda instance: instance.update(engine="0"), "restore.instance.engine"),
        (lambda instance: instance.update(timeline=[]), "restore.instance.timeline"),
        (lambda instance: instance.pop("program"), "restore.instance"),
        (lambda instance: _end(instance).update(end_pos=None), "restore.instance.timeline"),
        (lambda instance: _end(instance).update(gain_env=[]), "restore.instance.timeline"),
        (lambda instance: _end(instance).update(gain_env=[[0, 3.0]]), "restore.instance.timeline"),
        (lambda instance: _end(instance).update(rev=2**40), "restore.instance.timeline"),
        (
            lambda instance: _end(instance).update(gain_env=[[pos, 1.0] for pos in range(17)]),
            "restore.instance.timeline",
        ),
        (lambda instance: _end(instance).update(end_pos=MINUTE), "restore.from"),
        (lambda instance: _end(instance).update(end_pos=MINUTE + 43_201 * RATE_HZ), "restore.from"),
    ],
)
def test_a_spoilt_instance_is_refused_by_name(spoil: Any, field: str) -> None:
    instance = kept()
    spoil(instance)
    with pytest.raises(RealtimeError) as refusal:
        read_draft(restore(instance), 0, DRAW)
    assert refusal.value.code == "invalid_param"
    assert (refusal.value.field or "").startswith(field)


def test_an_end_without_a_fall_has_the_least_fade() -> None:
    instance = kept()
    _end(instance).update(gain_env=[[0, 0.0]])
    assert read_draft(restore(instance), 0, DRAW).course.fade_out == 480


def test_taking_needs_nothing_but_a_name() -> None:
    assert is_taking(OpenRequest("listen", {}, take="x"))
    assert not is_taking(OpenRequest("listen", {}, take="x", restore=Restore("x", {}, 0)))
    assert not is_taking(wish(preset="focus"))


def test_what_is_no_id_names_no_session() -> None:
    assert session_id_of("the other one") is None
