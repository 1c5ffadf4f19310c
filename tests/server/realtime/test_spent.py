from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from server.kit.observe import REGISTRY
from server.realtime.spent import Spent
from tests.serving import wait_until


def told(work: str) -> float:
    return REGISTRY.get_sample_value("soundwell_cpu_seconds_total", {"work": work}) or 0.0


def busy() -> None:
    sum(range(2_000_000))


def test_what_a_thread_spends_is_told_under_its_work() -> None:
    spent, before = Spent(), told("test render")
    with ThreadPoolExecutor(1, initializer=spent.watch, initargs=("test render",)) as pool:
        pool.submit(busy).result()
        spent.tell()
        once = told("test render")
        spent.tell()
        assert once > before
        assert told("test render") - once < once - before  # only what came since


def test_a_thread_that_has_ended_is_forgotten() -> None:
    spent = Spent()
    with ThreadPoolExecutor(1, initializer=spent.watch, initargs=("test ended",)) as pool:
        pool.submit(busy).result()

    def is_forgotten() -> bool:
        spent.tell()
        return not spent._clocks

    wait_until(is_forgotten)  # it may still be on its way out when it has been joined


def test_inbound_work_is_not_counted_with_the_loop_again() -> None:
    spent = Spent()
    before = told("loop"), told("inbound")
    spent.watch("loop")
    busy()
    spent.inbound_s = 1_000.0
    spent.tell()
    assert told("loop") == before[0]
    assert told("inbound") - before[1] == 1_000.0
