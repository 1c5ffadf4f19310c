from __future__ import annotations

import pytest

from server.accounts.limits import ACCOUNT_LIMITS


@pytest.mark.req("S0-13", "S4-35", "S4-54")
def test_passwords_and_codes_cannot_be_tried_through() -> None:
    """A million codes of six digits at ten in a quarter of an hour take centuries, three good at a time."""
    assert len({limit.name for limit in ACCOUNT_LIMITS}) == len(ACCOUNT_LIMITS)
    limits = {limit.name: limit for limit in ACCOUNT_LIMITS}
    code = limits["account.code"]
    tries_per_year = code.capacity / code.period_s * 365 * 86_400
    assert 3 * tries_per_year / 1e6 < 1.1
    assert (limits["address.register"].capacity, limits["address.register"].period_s) == (5, 3600)
