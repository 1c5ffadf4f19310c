"""Addresses to which letters go: whole and harmless, or refused."""

from __future__ import annotations

import re
from typing import Final

from server.kit.errors import ValidationFailed

MOST_CHARACTERS: Final = 254
"""Of a path in SMTP, less its brackets (RFC 5321 §4.5.3.1.3)."""

# Dot-atoms of RFC 5322 with the letters of RFC 6531; quoted names are nobody's mailbox and many an attack.
_ATOM = r"[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,.\"]+"
ADDRESS_PATTERN: Final = rf"^{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*$"
"""As a body's model says it, so that the document does too."""

_ADDRESS = re.compile(ADDRESS_PATTERN)


def checked_address(address: str) -> str:
    """The address, if a letter can go there; a line break in it could add headers or recipients."""
    if len(address) > MOST_CHARACTERS or not _ADDRESS.fullmatch(address):
        raise ValidationFailed("This is not an e-mail address.", field="email")
    return address


def address_key(address: str) -> str:
    """What is equal for spellings that reach the same mailbox."""
    return address.strip().casefold()
