"""How far the newest epoch reaches without a gap: what the client may say that it has."""

from __future__ import annotations

from server.realtime import wire


class Run:
    """The contiguous run of one stream."""

    def __init__(self, pos: int, epoch: int) -> None:
        self.end = pos
        self.epoch = epoch
        """The stream's generation as the server counts it; packets carry its low byte."""
        self.ring_epoch = epoch & 0xFF
        """The same as the ring counts it: a restored stream begins with another number, the ring goes on."""

    def renumber(self, epoch: int) -> None:
        """Another numbering, after a restore; what is there stays good."""
        self.epoch = epoch

    def learn(self, epoch: int, start: int) -> bool:
        """Hear of an epoch and its first frame; true where it was not known."""
        if epoch <= self.epoch:
            return False
        self.epoch = epoch
        self.ring_epoch = (self.ring_epoch + 1) & 0xFF
        self.end = min(self.end, start)
        return True

    def generation(self, low: int) -> int | None:
        """The generation that a packet means by its low byte; None for one of the past."""
        known = self.epoch & 0xFF
        if low == known:
            return self.epoch
        return self.epoch + ((low - known) & 0xFF) if wire.is_newer(low, known) else None

    def add(self, pos: int, frames: int) -> bool:
        """Take frames; false where a gap lies before them."""
        if pos > self.end:
            return False
        self.end = max(self.end, pos + frames)
        return True
