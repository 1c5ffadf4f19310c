"""A sound in a link, as the page makes it: the recipe stands behind the `#`, which no server is sent."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARK: Final = "#sound="
_LONGEST: Final = 16_384
_MOST_BYTES: Final = 262_144
"""Of a recipe; what is packed can be much larger than what it is packed into."""


def is_link(text: str) -> bool:
    """Whether it carries a sound."""
    return _MARK in text


def server_in(link: str) -> str:
    """Where the link leads to."""
    return link.partition(_MARK)[0].rstrip("/")


def sound_in(link: str) -> Mapping[str, Any]:
    """Title, minutes, mode and program; raises Misuse where they cannot be read."""
    packed = link.partition(_MARK)[2][:_LONGEST]
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        sound = json.loads(zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _MOST_BYTES))
        return {
            "id": "shared",
            "title": str(sound["title"]),
            "minutes": int(sound["minutes"]),
            "mode": str(sound["mode"]),
            "program": dict(sound["program"]),
        }
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise Misuse("There is no sound in this link: was it copied as a whole?") from error
