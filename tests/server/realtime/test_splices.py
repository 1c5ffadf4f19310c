from __future__ import annotations

from server.realtime.splices import KEPT, Splices


def test_a_client_of_the_present_epoch_goes_on_where_it_is() -> None:
    splices = Splices()
    splices.begin(1_000)
    assert splices.resume_from(1, 5_000) == 5_000


def test_a_client_that_missed_splices_goes_on_at_the_first_of_them() -> None:
    splices = Splices()
    for from_pos in (1_000, 3_000, 2_000):
        splices.begin(from_pos)
    assert splices.resume_from(1, 5_000) == 2_000
    assert splices.resume_from(0, 5_000) == 1_000
    assert splices.resume_from(0, 500) == 500


def test_what_is_remembered_is_bounded() -> None:
    splices = Splices()
    for number in range(KEPT + 10):
        splices.begin(number)
    assert splices.epoch == KEPT + 10
    assert splices.resume_from(0, 10**6) == 10
