"""Generations of one stream: which frames each changed, and where a client goes on that missed some."""

from collections import deque
from collections.abc import Iterable

KEPT = 256
"""Splices remembered; at one per 50 ms more than any resume window needs to be exact."""


class Splices:
    """The epoch, and from which frame each recent one differs from the one before."""

    __slots__ = ("_recent", "epoch")

    def __init__(self, epoch: int = 0, recent: Iterable[tuple[int, int]] = ()) -> None:
        self.epoch = epoch
        self._recent: deque[tuple[int, int]] = deque(recent, maxlen=KEPT)

    @property
    def recent(self) -> list[tuple[int, int]]:
        """(epoch, first frame that differs) of each that is remembered."""
        return list(self._recent)

    def begin(self, from_pos: int) -> None:
        """A new epoch that sounds different from `from_pos` on."""
        self.epoch += 1
        self._recent.append((self.epoch, from_pos))

    def resume_from(self, epoch: int, have: int) -> int:
        """First frame that a client of `epoch`, whose audio of it ends at `have`, needs."""
        missed = [from_pos for newer, from_pos in self._recent if newer > epoch]
        return min([have, *missed])
