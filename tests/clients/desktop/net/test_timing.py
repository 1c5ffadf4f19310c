from __future__ import annotations

import random

import pytest

from clients.desktop.net.timing import Backoff, RoundTrip


def test_the_round_trip_is_smoothed_as_in_rfc_6298() -> None:
    trip = RoundTrip()
    assert (trip.srtt_us, trip.rttvar_us) == (None, None)
    trip.add(0.1)
    assert (trip.srtt_us, trip.rttvar_us) == (100_000, 50_000)
    trip.add(0.2)
    assert (trip.srtt_us, trip.rttvar_us) == (112_500, 62_500)


def test_with_sound_in_the_buffer_it_tries_each_second() -> None:
    backoff = Backoff(random.Random(1))
    waits_s = [backoff.next_s(is_buffered=True) for _ in range(6)]
    assert waits_s == pytest.approx([0.0, 0.5, 1.0, 1.0, 1.0, 1.0])
    backoff.reset()
    assert backoff.next_s(is_buffered=True) == 0.0


def test_else_with_full_jitter_up_to_eight_seconds() -> None:
    backoff = Backoff(random.Random(1))
    waits_s = [backoff.next_s(is_buffered=False) for _ in range(200)]
    assert waits_s[0] == 0.0
    assert max(waits_s) <= 8.0
    assert max(waits_s[20:]) > 7.0
    assert min(waits_s[20:]) < 1.0
