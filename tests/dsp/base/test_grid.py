from dsp.base.grid import GRANULE, QUANTUM, RATE_HZ, quantum_of, quantum_start


def test_the_grid_divides_itself() -> None:
    assert RATE_HZ == 48_000
    assert QUANTUM * 50 == GRANULE == RATE_HZ


def test_a_position_lies_in_the_quantum_that_begins_at_or_before_it() -> None:
    assert [quantum_of(pos) for pos in (0, 959, 960, 1921)] == [0, 0, 1, 2]
    assert [quantum_start(pos) for pos in (0, 959, 960, 1921)] == [0, 0, 960, 1920]
