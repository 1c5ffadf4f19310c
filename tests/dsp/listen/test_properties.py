"""What must hold for every instance: causality, and the same bits however the sound is asked for."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsp.base.units import gain_to_db
from dsp.listen import (
    LOOKAHEAD,
    QUANTUM,
    Change,
    GranuleCache,
    Instance,
    ProgramError,
    Span,
    end_change,
    fold,
    loop_change,
    open_instance,
    param_change,
    parse_program,
    pause_change,
    play_change,
    prepare,
    render,
    render_batch,
    seek_change,
)
from dsp.listen.guard import CEILING
from dsp.listen.program import LAWS, STEREOS

CACHE = GranuleCache()
LIVE_FRAME = 960 * 1_000_000
LENGTH = 3 * 48_000
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Points = Callable[[float, float], st.SearchStrategy[Any]]


def _still(low: float, high: float) -> st.SearchStrategy[Any]:
    return st.floats(low, high).map(lambda x: round(x, 3))


def _moving(low: float, high: float) -> st.SearchStrategy[Any]:
    value = _still(low, high)
    shape = st.sampled_from(["hold", "linear", "cosine"])
    keyframes = st.tuples(value, value, st.sampled_from([0.3, 1.5, 30.0]), shape).map(
        lambda p: [[0, p[0]], [p[2], p[1], p[3]]]
    )
    return st.one_of(value, keyframes)


def _programs(points: Points) -> st.SearchStrategy[dict[str, Any]]:
    voice = {
        "carrier_hz": points(60.0, 900.0),
        "beat_hz": points(-30.0, 30.0),
        "gain": st.sampled_from([0.5, 1.0]),
    }
    noise = {"kind": st.just("noise"), "color": st.just("pink"), "level": points(0.0, 100.0)}
    tones = {
        "kind": st.sampled_from(["binaural", "monaural"]),
        "level": points(0.0, 100.0),
        "voices": st.lists(st.fixed_dictionaries(voice), min_size=1, max_size=5),
    }
    iso = {
        "kind": st.just("isochronic"),
        "level": points(0.0, 100.0),
        "carrier_hz": points(60.0, 900.0),
        "rate_hz": points(0.5, 40.0),
        "law": st.sampled_from(LAWS),
    }
    modulation = {
        "law": st.sampled_from(["sine", "sine", "sine", *LAWS]),
        "stereo": st.sampled_from(["together", "together", *STEREOS]),
        "rate_hz": points(0.5, 40.0),
        "depth": points(0.0, 100.0),
    }
    rain = {
        "kind": st.just("texture"),
        "recipe": st.just("rain"),
        "level": points(0.0, 100.0),
        "spatial": points(0.01, 0.5).map(lambda rate: {"rate_hz": rate, "width_us": 600}),
    }
    strikes: list[dict[str, Any]] = [{"at_s": [0.013, 1.5]}, {"every_s": 10.0}]
    bell = st.sampled_from(strikes).flatmap(
        lambda when: points(0.0, 100.0).map(lambda level: {"kind": "bell", "level": level, **when})
    )
    layers = st.fixed_dictionaries(
        {"noise": st.fixed_dictionaries(noise), "tones": st.fixed_dictionaries(tones)},
        optional={"iso": st.fixed_dictionaries(iso), "bell": bell, "rain": st.fixed_dictionaries(rain)},
    )
    return st.fixed_dictionaries(
        {"v": st.just(1), "title": st.just(""), "mode": st.just("focus"), "layers": layers},
        optional={"modulation": st.fixed_dictionaries(modulation)},
    )


def _is_within_cost(body: dict[str, Any]) -> bool:
    """Whether the product takes it. What is too dear is refused in `test_parse`; nothing else is left out."""
    try:
        parse_program(body)
    except ProgramError as error:
        if not error.message.startswith("cost "):
            raise
        return False
    return True


# both ways of drawing a quantum have to come up often: tiles where little moves, else frame by frame
PROGRAM = st.one_of(_programs(_still), _programs(_moving)).filter(_is_within_cost)


@st.composite
def changes(draw: st.DrawFn, instance: Instance, at: int) -> Change:
    """Any change of an instance at a position."""
    kind = draw(st.sampled_from(["param"] * 4 + ["seek", "loop", "tune", "pause", "end"]))
    if kind == "seek":
        return seek_change(instance, at, draw(st.integers(0, 48_000 * 100)))
    if kind == "loop":
        start = draw(st.integers(0, 96_000))
        return loop_change(instance, at, start, start + draw(st.integers(48_000, 96_000)))
    if kind == "tune":
        return play_change(instance, at, LIVE_FRAME + 960 * draw(st.integers(0, 200)))
    if kind == "pause":
        return pause_change(instance, at)
    if kind == "end":
        return end_change(instance, at, 1, at + 9000, [(at, 1.0), (at + 9000, 0.0)])
    names = [name for name in instance.score.addresses if "band" not in name]
    patch: dict[str, float | str] = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        spec = instance.score.addresses[name].spec
        share = draw(st.floats(0.0, 1.0))
        patch[name] = "brown" if spec.choices else spec.lo + share * (spec.hi - spec.lo)
    return param_change(instance, at, patch, draw(st.sampled_from([480, 1440, 20_000])))


@st.composite
def instances(draw: st.DrawFn, most_changes: int = 5) -> Instance:
    """An instance with some history; its gain may be high enough to keep the guard at work."""
    program = parse_program(draw(PROGRAM))
    instance = open_instance(program, seed=draw(st.integers(0, 3)), live_frame=LIVE_FRAME)
    if draw(st.booleans()):
        instance = replace(instance, gain_db=min(instance.gain_db + 14.0, 24.0))
    places = sorted(draw(st.lists(st.integers(0, LENGTH), max_size=most_changes)))
    for at in places:
        instance = draw(changes(instance, at)).instance
    return instance


def hash_of(instance: Instance, start: int, frames: int) -> str:
    return hashlib.sha256(render(instance, start, frames, CACHE).tobytes()).hexdigest()


@given(st.data())
@QUICK
def test_an_entry_changes_nothing_before_its_look_ahead(data: st.DataObject) -> None:
    instance = data.draw(instances())
    change = data.draw(changes(instance, data.draw(st.integers(0, LENGTH))))
    from_pos = change.from_pos if change.from_pos is not None else LENGTH
    begin = max(from_pos - 3 * QUANTUM, 0)
    before = render(instance, begin, from_pos + 4 * QUANTUM - begin, CACHE)
    after = render(change.instance, begin, from_pos + 4 * QUANTUM - begin, CACHE)
    kept = max(from_pos - begin, 0)
    assert before[:kept].tobytes() == after[:kept].tobytes()
    if change.from_pos is None:
        assert before.tobytes() == after.tobytes()


@given(st.data())
@settings(QUICK, max_examples=30)
def test_causality_holds_while_the_guard_takes_3_db_and_more(data: st.DataObject) -> None:
    voices = [{"carrier_hz": 200 + 3 * i, "beat_hz": 4} for i in range(6)]
    layers = {
        "tones": {"kind": "binaural", "level": 100, "voices": voices},
        "noise": {"kind": "noise", "color": "pink", "level": 60},
    }
    program = parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers})
    instance = replace(open_instance(program, seed=1, live_frame=LIVE_FRAME), gain_db=12.0)
    start = prepare(instance).signal(0, 10, CACHE)
    assert gain_to_db(float(np.abs(start).max()) / CEILING) > 3.0
    at = data.draw(st.integers(480, 9000))
    level = data.draw(st.floats(0.0, 100.0))
    change = param_change(instance, at, {"tones.level": level, "output.gain_db": 6.0}, 480)
    before, after = (render(one, 0, 12_000, CACHE) for one in (instance, change.instance))
    different = np.flatnonzero((before != after).any(axis=1))
    assert different[0] >= at - LOOKAHEAD
    assert different[0] < at + 480


@given(st.data())
@QUICK
def test_a_render_is_the_same_however_it_is_split(data: st.DataObject) -> None:
    instance = data.draw(instances())
    start = data.draw(st.integers(0, LENGTH))
    frames = data.draw(st.integers(1, 12_000))
    cuts = sorted({0, frames, *data.draw(st.lists(st.integers(0, frames), max_size=4))})
    whole = render(instance, start, frames, CACHE)
    parts = [render(instance, start + a, b - a, CACHE) for a, b in pairwise(cuts)]
    assert whole.tobytes() == b"".join(part.tobytes() for part in parts)


@given(st.data())
@settings(QUICK, max_examples=20)
def test_neighbours_in_a_batch_change_nothing(data: st.DataObject) -> None:
    several = data.draw(st.lists(instances(most_changes=2), min_size=1, max_size=4))
    frames = data.draw(st.sampled_from([480, 960, 1920, 4800]))
    spans = [
        Span(
            prepare(instance), data.draw(st.integers(0, 100)) * data.draw(st.sampled_from([480, 960])), frames
        )
        for instance in several
    ] * 3
    for codec, scale in (("s16", np.int16), ("f32", np.float32)):
        packets = render_batch(spans, CACHE, codec, 24)  # type: ignore[arg-type]  # literals in a tuple
        for span, packet in zip(spans, packets, strict=True):
            alone = render_batch([span], CACHE, codec, 24)[0]  # type: ignore[arg-type]  # as above
            assert packet[24:].tobytes() == alone[24:].tobytes()
            assert packet[24:].view(scale).size == 2 * frames
            if codec == "f32":
                assert packet[24:].tobytes() == render(span.plan, span.start, frames, CACHE).tobytes()


@given(st.data())
@settings(QUICK, max_examples=12)
def test_many_neighbours_and_other_block_lengths_change_no_bit(data: st.DataObject) -> None:
    instance = data.draw(instances(most_changes=1))
    first = data.draw(st.integers(0, 100)) * QUANTUM
    plan = prepare(instance)
    whole = render_batch([Span(plan, first, 5 * QUANTUM)], CACHE, "s16", 0)[0]
    quanta = [Span(plan, first + i * QUANTUM, QUANTUM) for i in range(5)]
    parts = render_batch(quanta * 10, CACHE, "s16", 0)
    assert whole.tobytes() == b"".join(part.tobytes() for part in parts[-5:])


@given(st.data())
@QUICK
def test_folding_old_entries_changes_no_bit(data: st.DataObject) -> None:
    instance = data.draw(instances(most_changes=0))
    for at in sorted(data.draw(st.lists(st.integers(0, LENGTH), min_size=8, max_size=10))):
        instance = data.draw(changes(instance, at)).instance
    last = max(entry.sounds_from for entry in instance.timeline)
    playhead = last + 61 * 48_000
    later = data.draw(changes(instance, playhead)).instance
    folded = fold(instance, playhead)
    assert folded is not None
    short, base = folded
    assert len(short.timeline) < len(instance.timeline)
    assert hash_of(short, playhead - 5000, 10_000) == hash_of(instance, playhead - 5000, 10_000)
    long_after = later.with_entry(base)
    assert hash_of(long_after, playhead - 5000, 30_000) == hash_of(later, playhead - 5000, 30_000)


@given(instances())
@QUICK
def test_an_instance_survives_its_json(instance: Instance) -> None:
    copy = Instance.from_json(json.loads(json.dumps(instance.to_json())))
    assert copy == instance
    assert hash_of(copy, LENGTH - 4000, 8000) == hash_of(instance, LENGTH - 4000, 8000)


ANOTHER_PROCESS = """
import hashlib, json, sys
from dsp.listen import Instance, render
for line in sys.stdin:
    instance = Instance.from_json(json.loads(line))
    print(hashlib.sha256(render(instance, 40_000, 30_000).tobytes()).hexdigest())
"""


def test_another_process_renders_the_same_bits() -> None:
    found: list[Instance] = []

    @given(instances())
    @settings(QUICK, max_examples=12)
    def collect(instance: Instance) -> None:
        found.append(instance)

    collect()
    lines = "\n".join(json.dumps(instance.to_json()) for instance in found)
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    assert done.stdout.split() == [hash_of(instance, 40_000, 30_000) for instance in found]


def test_a_change_that_comes_too_early_is_refused() -> None:
    program = parse_program(
        {
            "v": 1,
            "title": "",
            "mode": "focus",
            "layers": {"n": {"kind": "noise", "color": "pink", "level": 9}},
        }
    )
    instance = open_instance(program, seed=1, live_frame=0)
    instance = param_change(instance, 5000, {"n.level": 50.0}, 480).instance
    with pytest.raises(ProgramError, match="before"):
        instance.with_entry({"pos": 4000, "kind": "param", "p": {"n.level": 9.0}, "ramp": 480})
