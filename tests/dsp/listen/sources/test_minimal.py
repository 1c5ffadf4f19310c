from dsp.listen.sources.minimal import MINIMAL


def test_a_little_air() -> None:
    assert 0.005 < MINIMAL.air(0, 1_790_000_000).std() < 0.009
