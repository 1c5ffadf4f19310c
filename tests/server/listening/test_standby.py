from __future__ import annotations

from dsp import listen
from server.kit.clock import ManualClock
from server.listening.presets import FOCUS
from server.listening.standby import Standby
from server.listening.stream import live_frame

PROGRAM = listen.parse_program(FOCUS.program())
START_FRAMES = 3 * 48_000


def needed(clock: ManualClock, seed: int) -> set[listen.GranuleKey]:
    """What the first three seconds of a new listening are made of."""
    instance = listen.open_instance(PROGRAM, seed=seed, live_frame=live_frame(clock))
    return set(listen.granules_needed(listen.prepare(instance), 0, START_FRAMES))


def ready(standby: Standby) -> set[listen.GranuleKey]:
    return {
        key for span in standby.spans() for key in listen.granules_needed(span.plan, span.start, span.frames)
    }


def test_what_the_next_listener_needs_is_ready_up_to_a_second_later() -> None:
    clock = ManualClock()
    standby = Standby(clock)
    for _ in range(15):
        prepared = ready(standby)
        clock.advance(0.9)
        assert needed(clock, standby.draw_seed(PROGRAM)) <= prepared


def test_two_in_a_row_hear_other_stations() -> None:
    clock = ManualClock()
    standby = Standby(clock)
    first, second = standby.draw_seed(PROGRAM), standby.draw_seed(PROGRAM)
    assert needed(clock, first).isdisjoint(needed(clock, second))


def test_a_program_without_stations_gets_a_seed_too() -> None:
    voice = {"carrier_hz": 200, "beat_hz": 10, "gain": 1}
    layers = {"tone": {"kind": "binaural", "voices": [voice], "level": 50}}
    tones = listen.parse_program({"v": 1, "title": "Tones", "mode": "focus", "layers": layers})
    standby = Standby(ManualClock())
    assert len({standby.draw_seed(tones) for _ in range(4)}) == 4
