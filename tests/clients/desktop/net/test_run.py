from __future__ import annotations

from clients.desktop.net.run import Run


def test_a_run_grows_without_gaps() -> None:
    run = Run(100, 0)
    assert run.add(100, 960)
    assert run.add(500, 960)
    assert run.end == 1460
    assert not run.add(1461, 960)
    assert run.end == 1460


def test_an_epoch_cuts_it_where_it_begins() -> None:
    run = Run(0, 254)
    run.add(0, 9600)
    assert run.generation(0xFE) == 254
    assert run.generation(0xFD) is None
    assert run.generation(0x01) == 257
    assert run.learn(257, 4800)
    assert not run.learn(257, 100)
    assert (run.end, run.epoch, run.ring_epoch) == (4800, 257, 255)


def test_a_restored_stream_counts_anew_and_the_ring_goes_on() -> None:
    run = Run(0, 5)
    run.add(0, 9600)
    run.renumber(0)
    assert run.end == 9600
    assert run.learn(1, 9000)
    assert (run.ring_epoch, run.end) == (6, 9000)
