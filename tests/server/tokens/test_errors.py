from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.tokens.errors import AlreadyClaimed, InsufficientTokens, ReservationClosed

if TYPE_CHECKING:
    from server.kit.errors import SoundwellError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InsufficientTokens(needed=5, available=3, debt=0), "insufficient_tokens"),
        (ReservationClosed(), "reservation_closed"),
        (AlreadyClaimed(), "already_claimed"),
    ],
)
def test_each_says_what_it_is(error: SoundwellError, code: str) -> None:
    assert (error.status, error.code) == (409, code)


def test_a_debt_is_named_if_there_is_one() -> None:
    assert InsufficientTokens(needed=5, available=0, debt=2).extra["debt"] == 2
    assert InsufficientTokens(needed=5, available=3, debt=0).extra["debt"] is None
