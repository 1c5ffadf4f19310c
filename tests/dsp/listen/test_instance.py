import copy
import json
from typing import Any

import pytest

from dsp.listen import ENGINE, Instance, ProgramError, open_instance, param_change, parse_program
from dsp.listen.instance import station_layers

PROGRAM = parse_program(
    {
        "v": 1,
        "title": "",
        "mode": "relax",
        "layers": {
            "rain": {"kind": "texture", "recipe": "rain", "level": 20},
            "noise": {"kind": "noise", "color": "pink", "level": 30},
            "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
        },
    }
)


@pytest.fixture
def instance() -> Instance:
    instance = open_instance(PROGRAM, seed=12, live_frame=960 * 77)
    return param_change(instance, 4000, {"noise.level": 50.0, "tones.beat_hz": 4.0}, 1440).instance


def test_an_instance_opens_at_position_zero_of_live_stations() -> None:
    instance = open_instance(PROGRAM, seed=12, live_frame=960 * 77)
    assert instance.start_pos == 0
    assert instance.timeline == ()
    assert set(instance.stations) == set(station_layers(PROGRAM)) == {"rain", "noise"}
    assert all(station.offset == 960 * 77 for station in instance.stations.values())
    assert all(0 <= station.seed < 4 for station in instance.stations.values())


@pytest.mark.parametrize(("seed", "live_frame"), [(-1, 0), (2**53, 0), (1, 961)])
def test_a_seed_and_a_live_frame_have_their_range(seed: int, live_frame: int) -> None:
    with pytest.raises(ProgramError):
        open_instance(PROGRAM, seed=seed, live_frame=live_frame)


def test_an_instance_is_written_and_read_back_equal(instance: Instance) -> None:
    body = json.loads(json.dumps(instance.to_json()))
    assert body["engine"] == ENGINE
    assert Instance.from_json(body) == instance


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("engine",), "0", "engine"),
        (("program", "mode"), "x", "mode"),
        (("seed",), 1.5, "seed"),
        (("gain_db",), "loud", "gain_db"),
        (("gain_db",), 25.0, "gain_db"),
        (("start_pos",), -1, "start_pos"),
        (("stations",), {}, "stations"),
        (("stations", "rain"), 3, "stations.rain"),
        (("stations", "rain", "seed"), 4, "stations.rain.seed"),
        (("stations", "rain", "offset"), 961, "stations.rain.offset"),
        (("timeline",), None, "timeline"),
        (("timeline", 0), 3, "timeline[0]"),
        (("timeline", 0, "p"), {"nothing.level": 3.0}, "entry.p.nothing.level"),
        (("timeline", 0, "p"), {"noise.level": 101.0}, "entry.p.noise.level"),
        (("timeline", 0, "p"), {"noise.level": "pink"}, "entry.p.noise.level"),
        (("timeline", 0, "p"), {"noise.color": "mauve"}, "entry.p.noise.color"),
    ],
)
def test_what_is_wrong_is_named(instance: Instance, path: tuple[Any, ...], value: object, field: str) -> None:
    body = copy.deepcopy(instance.to_json())
    target: Any = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(ProgramError) as caught:
        Instance.from_json(body)
    assert caught.value.field == field


def test_anything_but_an_object_is_refused() -> None:
    with pytest.raises(ProgramError, match="object"):
        Instance.from_json([])


@pytest.mark.parametrize(
    "entry",
    [
        {
            "pos": 9000,
            "kind": "transport",
            "op": "play",
            "stations": {"pads": 960},
            "from": 9000,
            "fade": 960,
        },
        {
            "pos": 9600,
            "kind": "base",
            "values": {},
            "tracks": {"pads.level": [0, 0.0, 1.0, []]},
            "passages": [[0, 0, 0, None, None]],
            "stations": [[0, 0, {"rain": 0, "noise": 0}]],
            "end": None,
        },
        {
            "pos": 9600,
            "kind": "base",
            "values": {},
            "tracks": {},
            "passages": [[0, 0, 0, None, None]],
            "stations": [[0, 0, {"rain": 0}]],
            "end": None,
        },
    ],
)
def test_an_entry_may_speak_only_of_what_there_is(instance: Instance, entry: dict[str, Any]) -> None:
    with pytest.raises(ProgramError, match="not known to this instance"):
        instance.with_entry(entry)


def test_a_silent_entry_may_stand_before_the_newest(instance: Instance) -> None:
    paused = instance.with_entry({"pos": 1000, "kind": "transport", "op": "pause"})
    assert [entry.pos for entry in paused.timeline] == [1000, 4000]
    assert paused.states[1] is paused.states[0]
    assert paused.state_index(3999) == 1
    assert paused.state_index(4000) == 2
