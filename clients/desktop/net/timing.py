"""The round trip to the server, and when to try again."""

from __future__ import annotations

import random
from typing import Final

_ALPHA: Final = 1 / 8
_BETA: Final = 1 / 4
_FIRST_S: Final = 0.25
_BUFFERED_S: Final = 1.0
_LONGEST_S: Final = 8.0


class RoundTrip:
    """Smoothed as in RFC 6298 §2."""

    def __init__(self) -> None:
        self.smoothed_s: float | None = None
        self.variation_s = 0.0

    def add(self, measured_s: float) -> None:
        """One measurement."""
        if self.smoothed_s is None:
            self.smoothed_s, self.variation_s = measured_s, measured_s / 2
            return
        self.variation_s = (1 - _BETA) * self.variation_s + _BETA * abs(self.smoothed_s - measured_s)
        self.smoothed_s = (1 - _ALPHA) * self.smoothed_s + _ALPHA * measured_s

    @property
    def srtt_us(self) -> int | None:
        """What a probe reports; None before the first answer."""
        return None if self.smoothed_s is None else round(self.smoothed_s * 1e6)

    @property
    def rttvar_us(self) -> int | None:
        """Its variation."""
        return None if self.smoothed_s is None else round(self.variation_s * 1e6)


class Backoff:
    """At least once a second while there is something left to play, then with full jitter."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311 - spreads clients in time, guards nothing
        self.attempt = 0

    def next_s(self, *, is_buffered: bool) -> float:
        """Seconds to wait before the next attempt; none before the first."""
        grown_s = _FIRST_S * 2.0 ** min(self.attempt, 8)
        self.attempt += 1
        if self.attempt == 1:
            return 0.0
        return min(grown_s, _BUFFERED_S) if is_buffered else self._chance.random() * min(grown_s, _LONGEST_S)

    def reset(self) -> None:
        """The line stands."""
        self.attempt = 0
