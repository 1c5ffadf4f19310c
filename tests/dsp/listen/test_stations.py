import threading

import numpy as np
import pytest

from dsp.base.grid import GRANULE, QUANTUM
from dsp.listen.sources import granule
from dsp.listen.stations import GranuleCache, GranuleKey

GRANULE_BYTES = 2 * GRANULE * 4
KEYS = [GranuleKey("noise:white", 1, second) for second in range(5)]


def test_a_granule_is_rendered_once_and_is_the_source_s_own() -> None:
    cache = GranuleCache()
    assert cache.missing(KEYS[:2]) == KEYS[:2]
    found = cache.get(KEYS[0])
    assert cache.get(KEYS[0]) is found
    assert cache.missing(KEYS[:2]) == [KEYS[1]]
    assert found.samples.tobytes() == granule("noise:white", 1, 0).tobytes()
    assert found.peak == np.abs(found.samples).max()


def test_rows_are_quanta_of_the_left_then_of_the_right_channel() -> None:
    found = GranuleCache().get(KEYS[0])
    assert found.rows[7].tobytes() == found.samples[0, 7 * QUANTUM : 8 * QUANTUM].tobytes()
    assert found.rows[57].tobytes() == found.samples[1, 7 * QUANTUM : 8 * QUANTUM].tobytes()


def test_a_granule_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        GranuleCache().get(KEYS[0]).samples[:] = 0


def test_the_least_recently_used_granule_goes_first() -> None:
    cache = GranuleCache(3 * GRANULE_BYTES)
    for key in KEYS[:3]:
        cache.fill(key)
    cache.get(KEYS[0])
    cache.fill(KEYS[3])
    assert cache.missing(KEYS) == [KEYS[1], KEYS[4]]
    assert (len(cache), cache.nbytes) == (3, 3 * GRANULE_BYTES)


def test_two_threads_may_use_one_cache() -> None:
    cache = GranuleCache(2 * GRANULE_BYTES)
    wanted = {key: granule(*key).tobytes() for key in KEYS}
    wrong: list[GranuleKey] = []

    def use(order: list[GranuleKey]) -> None:
        wrong.extend(key for key in order * 20 if cache.get(key).samples.tobytes() != wanted[key])

    threads = [threading.Thread(target=use, args=(order,)) for order in (KEYS, KEYS[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(cache) == 2
