"""Requests are idempotent by `id`: the same result is sent again, what is under way is not begun twice."""

from typing import Final, Literal

KEPT = 32
"""Results kept; a client has far fewer requests under way."""
PENDING: Final = b""


class Replies:
    """The last results of one client, as the bytes that were sent."""

    __slots__ = ("_highest", "_results")

    def __init__(self) -> None:
        self._results: dict[int, bytes] = {}
        self._highest = 0

    def begin(self, request: int) -> bytes | Literal["new", "forgotten"]:
        """The result if known, PENDING if under way, `forgotten` if too long ago, else `new`."""
        known = self._results.get(request)
        if known is not None:
            return known
        if request <= self._highest:
            return "forgotten"
        self._highest = request
        self._keep(request, PENDING)
        return "new"

    def finish(self, request: int, result: bytes) -> None:
        """Keep the result of a request that was begun."""
        if request in self._results:
            self._results[request] = result

    def forget_until(self, request: int) -> None:
        """The client has all results up to this one."""
        for known in [one for one, result in self._results.items() if one <= request and result]:
            del self._results[known]

    def _keep(self, request: int, result: bytes) -> None:
        self._results[request] = result
        if len(self._results) > KEPT:
            del self._results[min(self._results)]

    def dump(self) -> list[tuple[int, bytes]]:
        """Finished results, oldest first, for a session that moves to another process."""
        return [(request, result) for request, result in self._results.items() if result]

    def load(self, results: list[tuple[int, bytes]], highest: int) -> None:
        """Take over what another process kept."""
        self._results = dict(results)
        self._highest = highest

    @property
    def highest(self) -> int:
        """The newest request that was begun."""
        return self._highest
