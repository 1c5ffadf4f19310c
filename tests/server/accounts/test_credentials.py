from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import jwt
import pytest

from server.accounts.credentials import ACCESS_S, AUTHORITY_S, BEARER_S, Credentials, Refresh
from server.kit.clock import ManualClock
from server.kit.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = b"a secret of forty characters for tests.."
GUEST = uuid.UUID(int=7)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def credentials(clock: ManualClock) -> Credentials:
    return Credentials(SECRET, clock)


def test_a_cookie_brings_the_guest_back_for_twelve_hours_at_a_time(
    credentials: Credentials, clock: ManualClock
) -> None:
    principal = credentials.guest_of_cookie(credentials.cookie_of(GUEST))
    assert principal is not None
    assert (principal.id, principal.kind, principal.plan) == (GUEST, "guest", "guest")
    assert principal.auth_until == clock.now() + AUTHORITY_S


@pytest.mark.parametrize("value", ["", "x", "7.7", f"{GUEST.hex}.", f"{uuid.UUID(int=8).hex}.AAAA"])
def test_a_cookie_that_is_not_ours_is_nobody(credentials: Credentials, value: str) -> None:
    assert credentials.guest_of_cookie(value) is None


def test_a_cookie_of_another_server_is_nobody(credentials: Credentials, clock: ManualClock) -> None:
    other = Credentials(SECRET[::-1], clock)
    assert credentials.guest_of_cookie(other.cookie_of(GUEST)) is None
    assert credentials.principal_of_bearer(other.bearer_of(GUEST)) is None


def test_a_bearer_lasts_a_month_and_its_authority_never_longer(
    credentials: Credentials, clock: ManualClock
) -> None:
    token = credentials.bearer_of(GUEST)
    principal = credentials.principal_of_bearer(token)
    assert principal is not None
    assert (principal.id, principal.auth_until) == (GUEST, clock.now() + AUTHORITY_S)
    clock.advance(BEARER_S - 60)
    principal = credentials.principal_of_bearer(token)
    assert principal is not None
    assert principal.auth_until == clock.now() + 60
    clock.advance(60)
    assert credentials.principal_of_bearer(token) is None


def forged(key: bytes | str, claims: Mapping[str, object], algorithm: str = "HS256") -> str:
    whole = {"sub": str(GUEST), "aud": "soundwell", "exp": 4_000_000_000, **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, key, algorithm)


@pytest.mark.parametrize(
    "claims",
    [{"sub": "7"}, {"sub": None}, {"exp": None}, {"exp": 5}, {"aud": "another"}, {"aud": None}],
    ids=str,
)
def test_a_bearer_that_says_something_else_is_nobody(
    credentials: Credentials, claims: dict[str, object]
) -> None:
    assert credentials.principal_of_bearer(forged(credentials._bearer_key, {})) is not None
    assert credentials.principal_of_bearer(forged(credentials._bearer_key, claims)) is None


def test_an_unsigned_bearer_is_nobody(credentials: Credentials) -> None:
    assert credentials.principal_of_bearer(forged("", {}, "none")) is None


def test_a_cookie_is_no_bearer_nor_the_other_way_round(credentials: Credentials) -> None:
    assert credentials.principal_of_bearer(credentials.cookie_of(GUEST)) is None
    assert credentials.guest_of_cookie(credentials.bearer_of(GUEST)) is None


def test_an_access_token_says_who_it_is_for_a_quarter_of_an_hour(
    credentials: Credentials, clock: ManualClock
) -> None:
    login = uuid.uuid4()
    person = Principal(
        GUEST, "user", "pro", clock.now() + 60, "Europe/Berlin", frozenset({"admin"}), proof=login
    )
    token = credentials.access_of(person)
    found = credentials.principal_of_bearer(token)
    assert found is not None
    assert (found.id, found.kind, found.plan, found.zone) == (GUEST, "user", "pro", "Europe/Berlin")
    assert (found.is_admin, found.proof, found.limited_to) == (True, login, None)
    assert found.auth_until == clock.now() + ACCESS_S
    clock.advance(ACCESS_S)
    assert credentials.principal_of_bearer(token) is None


def test_a_guests_token_makes_no_user(credentials: Credentials) -> None:
    forged_kind = forged(credentials._bearer_key, {"plan": "pro", "scopes": ["admin"]})
    found = credentials.principal_of_bearer(forged_kind)
    assert found is not None
    assert (found.kind, found.plan, found.is_admin) == ("guest", "guest", False)


def test_a_refresh_token_is_the_same_for_the_same_generation(
    credentials: Credentials, clock: ManualClock
) -> None:
    login = uuid.uuid4()
    token = credentials.refresh_of(login, 7)
    assert credentials.refresh_of(login, 7) == token != credentials.refresh_of(login, 8)
    assert credentials.read_refresh(token) == Refresh(login, 7)
    for wrong in ("", "x", token[:-1], token.replace(".7.", ".8."), credentials.cookie_of(login)):
        assert credentials.read_refresh(wrong) is None
    assert Credentials(SECRET[::-1], clock).read_refresh(token) is None
