from __future__ import annotations

import pytest

from server.realtime.guard import Guard


@pytest.mark.parametrize(
    ("srtt_us", "rttvar_us", "ms"),
    [(500, 100, 30.0), (20_000, 5_000, 55.0), (100_000, 20_000, 195.0), (60_000_000, 0, 2_000.0)],
)
def test_the_guard_is_made_of_the_round_trip(srtt_us: int, rttvar_us: int, ms: float) -> None:
    guard = Guard()
    guard.report(srtt_us, rttvar_us)
    assert guard.ms(0.0) == ms
    assert guard.frames(0.0) == round(ms * 48)


def test_without_a_report_the_guard_is_careful() -> None:
    assert Guard().ms(0.0) == 60.0


def test_a_late_splice_widens_the_guard_for_ten_seconds() -> None:
    guard = Guard()
    guard.report(20_000, 5_000)
    guard.late(now=100.0)
    assert guard.ms(109.9) == 55.0 * 1.5
    assert guard.ms(110.0) == 55.0
