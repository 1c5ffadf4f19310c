"""A token bucket on a clock that is passed in."""


class Bucket:
    """`size` tokens, refilled at `rate` a second; full at first."""

    __slots__ = ("_at", "_level", "rate", "size")

    def __init__(self, size: float, rate: float, now: float) -> None:
        self.size = size
        self.rate = rate
        self._level = size
        self._at = now

    def level(self, now: float) -> float:
        """Tokens that are there."""
        self._level = min(self.size, self._level + (now - self._at) * self.rate)
        self._at = now
        return self._level

    def take(self, amount: float, now: float) -> bool:
        """Take `amount` if it is there."""
        if self.level(now) < amount:
            return False
        self._level -= amount
        return True

    def wait_s(self, amount: float, now: float) -> float:
        """Seconds until `amount` will be there."""
        return max(0.0, (amount - self.level(now)) / self.rate)
