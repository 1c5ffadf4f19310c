from __future__ import annotations

from clients.desktop.net.horizon import OPEN_FRAMES, RATE_HZ, Horizon


def played(horizon: Horizon, start: int, seconds: float) -> int:
    """Advance in ticks of 25 ms; where the playhead is then."""
    end = start + round(seconds * RATE_HZ)
    for play in range(start, end + 1, 1200):
        horizon.advance(play)
    return end


def test_it_doubles_each_second_until_it_is_deep() -> None:
    horizon = Horizon(10 * RATE_HZ)
    horizon.open(5000)
    assert horizon.limit(5000) == 5000 + OPEN_FRAMES
    horizon.way_frames = 4800  # what is credited now comes that much later
    assert horizon.limit(5000) == 5000 + OPEN_FRAMES + 4800
    at = played(horizon, 5000, 1)
    assert abs(horizon.frames - 2 * OPEN_FRAMES) < 10
    played(horizon, at, 9)
    assert horizon.frames == 10 * RATE_HZ
    assert horizon.tick_frames == RATE_HZ


def test_a_change_collapses_it_and_it_grows_again_after_a_quiet_second() -> None:
    horizon = Horizon(10 * RATE_HZ)
    at = played(horizon, 0, 10)
    horizon.collapse()
    assert horizon.frames == 12_000
    at = played(horizon, at, 0.975)
    assert horizon.frames == 12_000
    assert horizon.tick_frames == 1500
    before = horizon.frames
    at = played(horizon, at, 1)
    assert before < horizon.frames <= before + 2 * 1.1 * RATE_HZ


def test_it_is_never_less_than_what_a_stream_begins_with() -> None:
    horizon = Horizon(0)
    played(horizon, 0, 3)
    assert horizon.frames == OPEN_FRAMES
