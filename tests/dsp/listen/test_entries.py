import json
import math
from typing import Any

import pytest

from dsp.listen.entries import BaseEntry, read_entry
from dsp.listen.program import ProgramError

ENTRIES: list[dict[str, Any]] = [
    {
        "pos": 5,
        "kind": "param",
        "p": {"a.level": 5.0, "n.color": "pink"},
        "ramp": 480,
        "phases": {"a.carrier.0": 0.5},
    },
    {"pos": 5, "kind": "param", "p": {"a.level": 5.0}, "ramp": 480},
    {"pos": 5, "kind": "transport", "op": "seek", "to": 7, "fade": 12000},
    {"pos": 5, "kind": "transport", "op": "loop", "a": 0, "b": 48000, "fade": 12000},
    {"pos": 5, "kind": "transport", "op": "loop", "a": None, "b": None, "fade": 12000},
    {"pos": 5, "kind": "transport", "op": "pause"},
    {"pos": 5, "kind": "transport", "op": "play"},
    {"pos": 5, "kind": "transport", "op": "play", "stations": {"n": 960}, "from": 900, "fade": 96000},
    {"pos": 5, "kind": "end", "rev": 2, "end_pos": 900, "gain_env": [[0, 0.0], [900, 1.0]]},
    {"pos": 5, "kind": "end", "rev": 2, "end_pos": None, "gain_env": []},
    {
        "pos": 960,
        "kind": "base",
        "values": {"a.level": 5.0},
        "tracks": {"a.level": [960, 0.25, 1.0, [[990, 480, -0.5]]]},
        "passages": [[0, 0, 0, None, None], [960, 5, 12000, 0, 48000]],
        "stations": [[0, 0, {"n": -1920}]],
        "end": {"pos": 5, "kind": "end", "rev": 2, "end_pos": None, "gain_env": [[0, 1.0]]},
    },
]


@pytest.mark.parametrize("value", ENTRIES)
def test_an_entry_is_read_and_written_back_the_same(value: dict[str, Any]) -> None:
    assert json.loads(json.dumps(read_entry(value).to_json())) == value


@pytest.mark.parametrize("value", ENTRIES)
def test_entries_without_one_of_their_fields_are_refused(value: dict[str, Any]) -> None:
    optional = {"phases", "end_pos", "stations", "from", "fade", "a", "b", "end"}
    for key in set(value) - optional:
        with pytest.raises(ProgramError):
            read_entry({name: item for name, item in value.items() if name != key})


def test_what_is_heard_later_than_it_stands_sounds_from_there() -> None:
    play = read_entry(ENTRIES[7])
    assert (play.sounds_from, read_entry(ENTRIES[0]).sounds_from) == (900, 5)


def test_a_base_carries_what_older_entries_did() -> None:
    base = read_entry(ENTRIES[-1])
    assert isinstance(base, BaseEntry)
    assert base.tracks["a.level"].ramps[0].end == 1470
    assert base.passages[1].region == (0, 48000)
    assert base.end is not None
    assert base.end.rev == 2


@pytest.mark.parametrize(
    ("index", "path", "value", "field"),
    [
        (0, ("pos",), -1, "entry.pos"),
        (0, ("pos",), 2**53, "entry.pos"),
        (0, ("pos",), 1.5, "entry.pos"),
        (0, ("pos",), True, "entry.pos"),
        (0, ("ramp",), 0, "entry.ramp"),
        (0, ("p", "a.level"), math.inf, "entry.p.a.level"),
        (0, ("p",), [], "entry.p"),
        (0, ("phases", "a.carrier.0"), "x", "entry.phases.a.carrier.0"),
        (0, ("kind",), "magic", "entry.kind"),
        (2, ("op",), "skip", "entry.kind"),
        (3, ("b",), 40000, "entry.b"),
        (3, ("b",), None, "entry.b"),
        (7, ("stations", "n"), 961, "entry.stations.n"),
        (8, ("gain_env",), [[5, 1.0], [5, 0.0]], "entry.gain_env[1][0]"),
        (8, ("gain_env",), [[5]], "entry.gain_env[0]"),
        (10, ("passages",), [], "entry.passages"),
        (10, ("tracks", "a.level"), [1, 2], "entry.tracks.a.level"),
    ],
)
def test_what_is_wrong_is_named(index: int, path: tuple[str, ...], value: object, field: str) -> None:
    entry = json.loads(json.dumps(ENTRIES[index]))
    target = entry
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(ProgramError) as caught:
        read_entry(entry)
    assert caught.value.field == field


def test_anything_but_an_object_is_refused() -> None:
    with pytest.raises(ProgramError, match="object"):
        read_entry([1, 2])
