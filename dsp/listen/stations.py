"""Stations: shared sound at positions of the epoch's clock, kept one second (a granule) at a time."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, QUANTUM
from dsp.listen.sources import granule

Floats = NDArray[np.float32]
QUANTA_PER_GRANULE: Final = GRANULE // QUANTUM
DEFAULT_BYTES: Final = 256 * 1024 * 1024


class GranuleKey(NamedTuple):
    """One second of one station."""

    recipe: str
    seed: int
    second: int


@dataclass(frozen=True, slots=True, eq=False)
class Granule:
    """Samples (2, 48000), read-only, and the greatest magnitude among them."""

    samples: Floats
    peak: float

    @property
    def quanta(self) -> Floats:
        """The samples by quantum, (2, 50, 960)."""
        return self.samples.reshape(2, QUANTA_PER_GRANULE, QUANTUM)

    @property
    def rows(self) -> Floats:
        """The samples as rows of one quantum and one channel: row = channel·50 + quantum."""
        return self.samples.reshape(2 * QUANTA_PER_GRANULE, QUANTUM)


class GranuleCache:
    """Granules most recently used, up to `max_bytes`.

    One thread may fill while others read: granules never change, and each step on the table is a
    single atomic operation of the interpreter; two threads that miss the same key both render it.
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._granules: OrderedDict[GranuleKey, Granule] = OrderedDict()
        self._most = max(max_bytes // (2 * GRANULE * 4), 1)

    def __len__(self) -> int:
        return len(self._granules)

    @property
    def nbytes(self) -> int:
        """Memory that the granules take."""
        return len(self._granules) * 2 * GRANULE * 4

    def missing(self, keys: Iterable[GranuleKey]) -> list[GranuleKey]:
        """Those of `keys` that would have to be rendered."""
        return [key for key in keys if key not in self._granules]

    def fill(self, key: GranuleKey) -> Granule:
        """Render one granule and keep it."""
        samples = granule(key.recipe, key.seed, key.second)
        samples.flags.writeable = False
        found = Granule(samples, float(max(samples.max(), -samples.min())))
        self._granules[key] = found
        while len(self._granules) > self._most:
            self._granules.popitem(last=False)
        return found

    def get(self, key: GranuleKey) -> Granule:
        """One granule, rendered now if it is not there."""
        found = self._granules.get(key)
        if found is None:
            return self.fill(key)
        try:
            self._granules.move_to_end(key)
        except KeyError:
            # evicted by the filling thread a moment ago; the granule in hand is still good
            return found
        return found
