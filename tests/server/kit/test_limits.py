from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.errors import RateLimited
from server.kit.limits import Limit, Limits, Standing, address_key, is_loopback

if TYPE_CHECKING:
    from server.kit.bus import Bus


class TooManyGuests(RateLimited):
    code = "too_many_guests"


async def test_a_limit_lets_its_capacity_through_and_says_when_to_come_again(bus: Bus) -> None:
    limits = Limits(bus, [Limit("login", 3, 3600), Limit("guests", 1, 60, TooManyGuests)])
    standings = [await limits.hit("login", "ada") for _ in range(3)]
    with pytest.raises(RateLimited) as caught:
        await limits.hit("login", "ada")

    assert [standing.remaining for standing in standings] == [2, 1, 0]
    assert standings[2].reset_s == 3600
    assert caught.value.retry_after_s == 1200
    assert (await limits.hit("login", "grace")).remaining == 2, "keys are counted apart"
    assert (await limits.hit("guests", "ada")).remaining == 0, "and limits"
    with pytest.raises(TooManyGuests):
        await limits.hit("guests", "ada")


async def test_a_costly_use_takes_more(bus: Bus) -> None:
    limits = Limits(bus, [Limit("renders", 10, 3600)])
    assert (await limits.hit("renders", "ada", cost=8)).remaining == 2
    with pytest.raises(RateLimited):
        await limits.hit("renders", "ada", cost=3)
    assert (await limits.hit("renders", "ada", cost=2)).remaining == 0


def test_a_standing_is_told_in_headers() -> None:
    assert Standing(10, 4, 36).headers() == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "4",
        "RateLimit-Reset": "36",
    }


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
    ],
)
def test_one_subscriber_is_one_key(address: str, key: str) -> None:
    assert address_key(address) == key


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_is_known(address: str, is_local: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_loopback(address) is is_local
