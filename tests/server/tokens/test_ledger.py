from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tokens.ledger import Balance, Buckets, Hold, held_account, user_account

amounts = st.integers(0, 50)
buckets = st.builds(Buckets, amounts, amounts, amounts)


@given(buckets, amounts)
def test_the_first_tokens_and_the_others_are_all_of_them(own: Buckets, amount: int) -> None:
    first = own.first(amount)
    others = own - first
    assert first.total == min(amount, own.total)
    assert min(others.granted, others.earned, others.bought) >= 0
    assert first + others == own
    if others.granted:
        assert first.earned == first.bought == 0
    if others.earned:
        assert first.bought == 0


@pytest.mark.parametrize(
    ("kind", "expected"), [("granted", Buckets(3)), ("earned", Buckets(0, 3)), ("bought", Buckets(0, 0, 3))]
)
def test_all_of_one_kind(kind: str, expected: Buckets) -> None:
    assert Buckets.of(kind, 3) == expected  # type: ignore[arg-type]  # a parameter of the test


def test_while_something_is_owed_nothing_can_be_used() -> None:
    assert Balance(granted=1, earned=2, bought=3, held=100).available == 6
    assert Balance(granted=1, earned=2, debt=1).available == 0


def test_accounts_are_named_after_their_owner() -> None:
    user = uuid.UUID(int=7)
    assert user_account(user) == "user:00000000-0000-0000-0000-000000000007"
    assert held_account(user) == "held:00000000-0000-0000-0000-000000000007"


def test_a_hold_knows_where_its_tokens_came_from() -> None:
    hold = Hold(uuid.uuid4(), uuid.uuid4(), "song", 1, 2, 3, "open", 0)
    assert hold.buckets == Buckets(1, 2, 3)
