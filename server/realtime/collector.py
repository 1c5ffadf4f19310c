"""Garbage collection when it disturbs nobody."""

import gc

YOUNG_EVERY_S = 1.0
FULL_EVERY_S = 60.0
FULL_AT_LAST_S = 600.0


class Collector:
    """Takes the collector over: what exists at the start is never looked at again, the rest off peak."""

    def __init__(self, now: float) -> None:
        self._young_at = now
        self._full_at = now
        self._froze = False

    def start(self) -> None:
        """Freeze what the program itself consists of, unless whoever runs it has done so."""
        gc.collect()
        self._froze = gc.get_freeze_count() == 0
        if self._froze:
            gc.freeze()
        gc.disable()

    def stop(self) -> None:
        """Leave it as it was."""
        gc.enable()
        if self._froze:
            gc.unfreeze()

    def tick(self, now: float, *, is_idle: bool) -> None:
        """Collect the young often, for they are few; everything when nothing is due, at last in any case."""
        waited_s = now - self._full_at
        if waited_s >= FULL_AT_LAST_S or (is_idle and waited_s >= FULL_EVERY_S):
            self._full_at = self._young_at = now
            gc.collect()
        elif now - self._young_at >= YOUNG_EVERY_S:
            self._young_at = now
            gc.collect(0)
