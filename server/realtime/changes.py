"""Parameter changes that wait to be made together."""

from server.realtime.stream import Patch

GATHER_S = 0.010
"""The newest value per address wins within this time."""
APART_S = 0.050
"""Between two splices of one stream, hence at most 20 timeline entries a second."""


class Changes:
    """Patches of one stream, merged until they are due; who asked for them is told together."""

    __slots__ = ("_made_at", "askers", "due_at", "patch", "ramp_ms")

    def __init__(self) -> None:
        self.patch: dict[str, float | str] = {}
        self.askers: list[int] = []
        self.ramp_ms = 0.0
        self.due_at: float | None = None
        """When they are to be made; None while there are none."""
        self._made_at = float("-inf")

    def add(self, request: int, patch: Patch, ramp_ms: float, now: float) -> None:
        """Merge one request's patch."""
        self.patch.update(patch)
        self.askers.append(request)
        self.ramp_ms = ramp_ms
        if self.due_at is None:
            self.due_at = max(now + GATHER_S, self._made_at + APART_S)

    def is_due(self, now: float) -> bool:
        return self.due_at is not None and now >= self.due_at

    def wait(self, seconds: float, now: float) -> None:
        """Not yet: look again later."""
        self.due_at = now + seconds

    def take(self, now: float) -> tuple[dict[str, float | str], list[int], float]:
        """The merged patch, who asked, and the ramp in ms; nothing waits afterwards."""
        taken = self.patch, self.askers, self.ramp_ms
        self.patch, self.askers, self.due_at = {}, [], None
        self._made_at = now
        return taken
