from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from server.accounts import passwords as rules
from server.accounts.errors import WeakPassword
from server.kit.errors import Unavailable

if TYPE_CHECKING:
    from server.accounts.passwords import Passwords

GOOD = "a lamp beside the harbour"


@pytest.mark.req("S0-12", "S1-48", "S2-51", "S4-52")
async def test_a_password_is_kept_as_argon2id_and_known_again(passwords: Passwords) -> None:
    kept = await passwords.hash(GOOD)
    assert GOOD not in kept
    parameters = extract_parameters(kept)
    assert (parameters.type, parameters.memory_cost, parameters.time_cost) == (Type.ID, 19_456, 2)
    assert await passwords.is_right(kept, GOOD)
    assert not await passwords.is_right(kept, GOOD + ".")
    assert await passwords.hash(GOOD) != kept


async def test_nobody_has_no_right_password(passwords: Passwords) -> None:
    assert not await passwords.is_right(None, GOOD)
    assert not await passwords.is_right("not a hash", GOOD)


def test_what_was_hashed_with_less_is_hashed_again(passwords: Passwords) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    assert passwords.needs_rehash(weaker)


@pytest.mark.req("S1-46", "S1-47")
@pytest.mark.parametrize(
    "password",
    ["password1", "Password1", "aaaaaaaa", "abababab", "my soundwell", "12345678", "xx-marlene-xx"],
)
def test_what_is_tried_first_is_no_password(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        rules.check(password, "marlene@example.org")
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", [GOOD, "Tr0ub4dor&3", "жёлтая лампа", "jo stands on a pier"])
def test_anything_else_is(password: str) -> None:
    rules.check(password, "jo@example.org")


async def test_a_flood_is_asked_to_come_again(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_WAITING", 0)
    with pytest.raises(Unavailable):
        await passwords.hash(GOOD)
