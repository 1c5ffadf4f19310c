from __future__ import annotations

import pytest
from pydantic import ValidationError

from server.accounts.forms import LoginForm, NewAccount, PasswordGrant, ProfileForm


@pytest.mark.req("S1-46", "S1-54", "S4-56")
@pytest.mark.parametrize(
    "email",
    ["jo", "jo@", "@example.org", "jo jo@example.org", "jo@exa\nmple.org", "a@b.c" * 60],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        LoginForm(email=email, password="x")


@pytest.mark.parametrize("email", ["jo@example.org", "jo+songs@sub.example.co.uk", "ö@bücher.example"])
def test_what_is_one_is_taken(email: str) -> None:
    assert LoginForm(email=email, password="x").email == email


@pytest.mark.parametrize(("length", "is_good"), [(7, False), (8, True), (128, True), (129, False)])
def test_a_new_password_has_8_to_128_characters(length: int, *, is_good: bool) -> None:
    fields = {"email": "jo@example.org", "password": "x" * length}
    if is_good:
        assert NewAccount(**fields).zone == "UTC"
    else:
        with pytest.raises(ValidationError):
            NewAccount(**fields)


def test_a_grant_is_of_the_kind_that_we_give() -> None:
    assert PasswordGrant(username="jo@example.org", password="x").grant_type == "password"
    with pytest.raises(ValidationError):
        PasswordGrant.model_validate_strings(
            {"username": "jo@example.org", "password": "x", "grant_type": "client_credentials"}
        )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_that_there_is_is_taken(zone: str) -> None:
    assert ProfileForm(name="", zone=zone).zone == zone


@pytest.mark.parametrize("zone", ["", "Berlin", "../../etc/passwd", "/etc/passwd", "Europe"])
def test_any_other_is_not(zone: str) -> None:
    with pytest.raises(ValidationError):
        ProfileForm(name="", zone=zone)
