"""Credit: what is believed, and how much may be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.realtime.credit import DRIFT, MOST_CLAMPED, MOST_FRAMES, Credit, next_packets
from server.realtime.errors import RealtimeError

RATE = 48_000


def test_play_is_not_believed_beyond_what_time_allows() -> None:
    credit = Credit(0, 0, 9_600, now=100.0)
    credit.report(10 * RATE, 10 * RATE, now=101.0)
    assert credit.play == int(2 * RATE + RATE * DRIFT)


def test_a_limit_is_not_believed_beyond_twenty_seconds() -> None:
    credit = Credit(0, 0, 2**53 - 1, now=0.0)
    assert credit.limit == 20 * RATE
    credit.report(480, 2**53 - 1, now=1.0)
    assert credit.limit == 480 + 20 * RATE


@pytest.mark.parametrize("report", [(2**53 - 1, 0), (0, 2**53 - 1)])
def test_ten_impossible_reports_in_a_row_are_a_violation(report: tuple[int, int]) -> None:
    credit = Credit(0, 0, 0, now=0.0)
    for _ in range(MOST_CLAMPED - 1):
        credit.report(*report, now=0.0)
    with pytest.raises(RealtimeError) as refused:
        credit.report(*report, now=0.0)
    assert refused.value.code == "flow_violation"


def test_an_honest_report_between_forgives() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    for _ in range(5):
        for _ in range(MOST_CLAMPED - 1):
            credit.report(0, 2**53 - 1, now=0.0)
        credit.report(0, 9_600, now=0.0)


def test_who_hears_the_sound_from_before_a_change_may_be_ahead_of_what_is_to_be_sent() -> None:
    """A server died between an acknowledgement and its samples: the client played on with older ones."""
    credit = Credit(10 * RATE, 16 * RATE, 17 * RATE, now=0.0)
    assert credit.play == 16 * RATE
    for second in range(1, 2 * MOST_CLAMPED):
        credit.report((16 + second) * RATE, (17 + second) * RATE, now=float(second))
    assert credit.play == (15 + 2 * MOST_CLAMPED) * RATE


def test_nobody_is_believed_to_be_ahead_by_more_than_a_horizon() -> None:
    assert Credit(RATE, 2**53 - 1, 2**53 - 1, now=0.0).play == 21 * RATE


def test_a_new_connection_begins_without_blame() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    for _ in range(3):
        for _ in range(MOST_CLAMPED - 2):
            credit.report(2**53 - 1, 0, now=0.0)
        credit.resume(2**53 - 1, 9_600, now=0.0)
        assert credit.have == credit.play


def test_the_playhead_never_goes_back() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    credit.report(48_000, 60_000, now=1.0)
    credit.report(24_000, 60_000, now=1.0)
    assert credit.play == 48_000


def test_between_reports_the_playhead_moves_as_far_as_there_is_audio() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    credit.have = 24_000
    assert credit.playhead(0.25) == 12_000
    assert credit.playhead(3.0) == 24_000


def test_in_a_pause_the_playhead_comes_to_rest_and_time_does_not_count() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    credit.report(48_000, 96_000, now=1.0)
    credit.have = 96_000
    credit.pause(48_000 + 14_400, now=1.0)
    assert credit.playhead(1.1) == 48_000 + 4_800
    assert credit.playhead(9.0) == 48_000 + 14_400
    credit.report(10 * RATE, 10 * RATE, now=1000.0)
    assert credit.play == int(2 * RATE + RATE * DRIFT)
    credit.run(62_400, now=1000.0)
    credit.have = 20 * RATE
    assert credit.playhead(1000.5) == credit.play + 24_000


def test_a_client_that_goes_on_plays_behind_the_start() -> None:
    credit = Credit(480_000, 96_000, 500_000, now=0.0)
    assert (credit.play, credit.have, credit.limit) == (96_000, 480_000, 500_000)


def test_deep_is_more_than_a_second() -> None:
    credit = Credit(0, 0, 0, now=0.0)
    credit.have = 48_000
    assert not credit.is_deep()
    credit.have += 1
    assert credit.is_deep()


@pytest.mark.parametrize(
    ("start", "limit", "end", "deep", "frames"),
    [
        (0, 479, None, False, 0),
        (0, 480, None, False, 480),
        (0, 1_919, None, False, 960),
        (0, 1_920, None, False, 1_920),
        (0, 9_600, None, False, 1_920),
        (0, 9_600, None, True, 4_800),
        (0, 4_799, None, True, 0),
        (480, 9_600, None, True, 480),
        (959, 960, None, False, 1),
        (100, 959, None, False, 0),
        (0, 9_600, 100, False, 100),
        (0, 50, 100, False, 0),
        (960, 9_600, 960 + 4_000, True, 1_920),
        (500, 9_600, 600, False, 100),
        (600, 9_600, 600, False, 0),
        (700, 9_600, 600, False, 0),
    ],
)
def test_packets_lie_on_the_grid(start: int, limit: int, end: int | None, deep: bool, frames: int) -> None:  # noqa: FBT001 - a column of the table
    assert next_packets(start, limit, end, 48_000, deep=deep)[0] == frames


def test_long_packets_go_together_and_begin_on_their_own_grid() -> None:
    assert next_packets(0, 48_000, None, 48_000, deep=True) == (4_800, 10)
    assert next_packets(0, 15_000, None, 48_000, deep=True) == (4_800, 3)
    assert next_packets(0, 48_000, None, 9_600, deep=False) == (1_920, 5)
    assert next_packets(0, 480, None, 48_000, deep=False) == (480, 1)
    pos, sizes = 960, []
    while pos % 4_800:
        frames, packets = next_packets(pos, 480_000, None, 48_000, deep=True)
        assert packets == 1
        sizes.append(frames)
        pos += frames
    assert sizes == [1_920, 1_920]


@given(
    start=some.integers(0, 100_000),
    room=some.integers(0, 60_000),
    end=some.none() | some.integers(0, 120_000),
    deep=some.booleans(),
)
def test_a_packet_stays_below_limit_and_end(start: int, room: int, end: int | None, deep: bool) -> None:  # noqa: FBT001 - a column of the table
    frames, packets = next_packets(start, start + room, end, 48_000, deep=deep)
    assert 0 <= frames <= 4_800
    assert frames * packets <= MOST_FRAMES
    if frames:
        stop = start + frames * packets
        assert stop <= start + room
        assert end is None or stop <= end
        assert stop % 480 == 0 or stop == end
