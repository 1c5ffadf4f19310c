from __future__ import annotations

import pytest

from server.kit.errors import ValidationFailed
from server.providers.addresses import address_key, checked_address


@pytest.mark.parametrize(
    "address", ["ada@example.org", "a.d-a+b'c@mail.example.co.uk", "ada@localhost", "søren@bücher.example"]
)
def test_an_address_to_which_a_letter_can_go_is_kept_as_it_is(address: str) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "@example.org", "ada@", "a@b@c", "ada @example.org", " ada@example.org"),
        *(
            "ada@example.org\n",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada@exa\x00mple.org",
            "a..b@example.org",
        ),
        *("ada@example.org,eve@example.org", "Ada <ada@example.org>", '"ada"@example.org', "a@" + "b" * 253),
        *("ada@example.org\x85Bcc: x", "ada\u2028@example.org"),
    ],
)
def test_what_could_add_a_header_or_a_recipient_is_refused(address: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        checked_address(address)
    assert refusal.value.field == "email"


def test_spellings_of_one_mailbox_have_one_key() -> None:
    assert address_key(" Ada@Example.ORG") == address_key("ada@example.org")
    assert address_key("ada@example.org") != address_key("ada2@example.org")
