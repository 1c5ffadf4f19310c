"""Messages of a client that obeys nothing, seeded: of the right shape with odd values, sometimes bytes."""

from __future__ import annotations

import random
from typing import Any

import msgpack  # type: ignore[import-untyped]  # writes what the own codec would refuse to write

from server.realtime import wire

ODD: tuple[Any, ...] = (
    0,
    1,
    -1,
    2**53 - 1,
    2**53,
    2**64 - 1,
    1.5,
    1e308,
    "",
    "x" * 300,
    None,
    True,
    [],
    {},
    b"x",
)
LIKELY: dict[str, tuple[Any, ...]] = {
    "p": ({"level": 1}, {"level": 5}, {"level": 1000}, {"level": -1}),
    "op": ("play", "pause", "seek", "loop", "stop"),
    "codec_pref": (["s16"], ["opus", "s16"]),
    "topics": (["listen"],),
    "what": (["peak"], ["peak", "rms"]),
    "hz": (0, 1, 20),
    "late_ms": (0, 5),
    "restore": (None,),
    "after": (None,),
    "gesture": (False,),
    "fatal": (False,),
    "code": ("internal", "rate_limited"),
    **dict.fromkeys(("kind", "take", "ticket", "reason", "msg", "field"), ("listen",)),
    **dict.fromkeys(("ramp_ms", "fade_ms", "duration_s"), (10, 30, 3000)),
}


class Nonsense:
    """One client's talk."""

    def __init__(self, seed: int, *, garbage: float = 0.02, odd: float = 0.03) -> None:
        self.chance = random.Random(seed)
        self.garbage = garbage
        """Share of messages that are no messages; they end a connection."""
        self.odd = odd
        """Share of odd values; some of them do."""
        self.number = 0

    def message(self, sids: list[int]) -> bytes:
        """The next message, about these streams or others."""
        if self.chance.random() < self.garbage:
            return self.chance.randbytes(self.chance.randrange(40))
        kind = self.chance.choice(
            [*wire.CLIENT_MESSAGES, "flow", "flow", "param.set", "transport", "stream.open"]
        )
        if kind in {"hello", "bye"}:
            kind = "flow"
        fields: dict[str, Any] = {"t": kind}
        for spec in wire.FIELDS[wire.CLIENT_MESSAGES[kind]]:
            if spec.required or self.chance.random() < 0.3:
                fields[spec.key] = self.value(spec.key, sids)
        return bytes(msgpack.packb(fields))

    def value(self, key: str, sids: list[int]) -> Any:
        if self.chance.random() < self.odd:
            return self.chance.choice(ODD)
        if key == "id":
            self.number += self.chance.choice((0, 1, 1, 1, 2))
            return self.number
        if key in {"sid", "replace"}:
            return self.chance.choice([*sids, 99])
        if key in LIKELY:
            return self.chance.choice(LIKELY[key])
        return self.chance.randrange(0, 400_000)
