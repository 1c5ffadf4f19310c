from __future__ import annotations

import pytest

from server.kit import errors as http
from server.realtime import wire
from server.realtime.errors import RealtimeError, from_http


def test_every_code_has_a_close_code() -> None:
    assert wire.CLOSE_CODES.keys() == set(wire.ERROR_CODES)
    assert RealtimeError("superseded", "Elsewhere.").close_code == 4409


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (http.SoundwellError(), "internal"),
        (http.ValidationFailed(), "invalid_param"),
        (http.BadRequest(), "invalid_param"),
        (http.Unauthenticated(), "unauthenticated"),
        (http.CsrfFailed(), "forbidden"),
        (http.UpgradeRequired(feature="x"), "upgrade_required"),
        (http.NotFound(), "not_found"),
        (http.Conflict(), "superseded"),
        (http.TooLarge(), "too_big"),
        (http.RateLimited(), "rate_limited"),
        (http.LimitReached(), "limit_reached"),
        (http.ProviderError(), "internal"),
        (http.Unavailable(), "overloaded"),
    ],
)
def test_what_services_raise_has_a_code_on_the_wire(error: http.SoundwellError, code: str) -> None:
    assert from_http(error).code == code


def test_the_facts_of_an_error_are_kept() -> None:
    told = from_http(http.LimitReached("Used up.", field="day", retry_after_s=1.5, resets_at=7))
    assert (told.message, told.field, told.retry_ms) == ("Used up.", "day", 1500)
    assert told.facts == {"resets_at": 7}
