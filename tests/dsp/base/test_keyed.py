import math

import numpy as np
import pytest

from dsp.base import keyed

KEYS = (0, 1, -1, 2**63 - 1, 1_790_000_000)


def test_hash_is_fixed_for_ever() -> None:
    assert keyed.hash64() == 0x9E3779B97F4A7C15
    assert keyed.hash64(1, 2, -3) == 931387006157805522
    assert keyed.hash_text("rain") == keyed.hash64(*b"rain")


def test_hash_depends_on_every_key_and_on_their_order() -> None:
    assert keyed.hash64(1, 2) != keyed.hash64(2, 1)
    assert keyed.hash64(1, 2) != keyed.hash64(1, 2, 0)
    assert len({keyed.hash64(a, b) for a in range(100) for b in range(100)}) == 10_000


def test_array_hash_equals_the_scalar_one() -> None:
    values = np.array(KEYS, np.int64)
    assert [int(word) for word in keyed.hash64_array(7, values)] == [keyed.hash64(7, key) for key in KEYS]
    table = keyed.hash64_array(values[:, None], values[None, :], 3)
    assert int(table[2, 4]) == keyed.hash64(-1, 1_790_000_000, 3)


def test_uniforms_fill_the_unit_interval() -> None:
    values = keyed.uniform_array(5, np.arange(100_000))
    assert values[17] == keyed.uniform(5, 17)
    assert values.min() >= 0.0
    assert values.max() < 1.0
    counts = np.histogram(values, 20, (0.0, 1.0))[0]
    assert np.sum((counts - 5000.0) ** 2) / 5000.0 < 45.0  # chi-squared, 19 degrees: p = .0007
    neighbours = np.corrcoef(values[:-1], values[1:])[0, 1]
    assert abs(neighbours) < 0.015


def test_philox_words_are_fixed_and_start_anywhere() -> None:
    words = keyed.philox_rows(2**64 - 5, 1_790_000_000, 3, 64)
    assert words.dtype == np.uint64
    assert np.array_equal(words[:, 12:], keyed.philox_rows(2**64 - 5, 1_790_000_000, 3, 52, start=12))
    assert np.array_equal(words[1:], keyed.philox_rows(2**64 - 5, 1_790_000_001, 2, 64))
    assert not np.array_equal(words, keyed.philox_rows(2**64 - 6, 1_790_000_000, 3, 64))
    assert np.unique(words).size == words.size
    with pytest.raises(ValueError, match="multiple of 4"):
        keyed.philox_rows(1, 1, 1, 4, start=2)


def test_philox_is_the_published_generator() -> None:
    """Random123's known answer: Philox 4x64-10 of counter and key of all ones bits.

    numpy counts up before it draws, so its counter starts one below.
    """
    ones = 2**64 - 1
    counter = np.array([ones - 1, ones, ones, ones], np.uint64)
    generator = np.random.Philox(counter=counter, key=np.array([ones, ones], np.uint64))
    assert [hex(int(word)) for word in generator.random_raw(4)] == [
        "0x87b092c3013fe90b",
        "0x438c3c67be8d0224",
        "0x9cc7d7c69cd777b6",
        "0xa09caebf594f0ba0",
    ]


def test_gaussians_have_the_moments_of_gaussians() -> None:
    values = keyed.gaussians(11, 3, 400_001).astype(np.float64)
    assert values.shape == (400_001,)
    assert abs(values.mean()) < 0.006
    assert abs(values.std() - 1.0) < 0.004
    assert abs(np.mean(values**3)) < 0.02
    assert abs(np.mean(values**4) - 3.0) < 0.05
    assert abs(np.mean(np.abs(values) < 1.0) - math.erf(1.0 / math.sqrt(2.0))) < 0.003


def test_part_of_a_block_equals_the_whole() -> None:
    whole = keyed.complex_gaussians(3, 9, 4, 1000)
    assert np.array_equal(whole[2:3, 400:503], keyed.complex_gaussians(3, 11, 1, 103, start=400))
    assert np.all(np.isfinite(whole.view(np.float32)))


def test_value_noise_is_smooth_and_within_one() -> None:
    places = np.linspace(1e8, 1e8 + 40.0, 4001)
    values = keyed.value_noise_array(7, places)
    assert np.max(np.abs(values)) <= 1.0
    assert np.max(np.abs(np.diff(values))) <= 1.5 * 2.0 * 0.01 + 1e-6  # steepest smoothstep: 1.5 a cell
    assert np.ptp(values) > 1.0
    assert values[1234] == pytest.approx(keyed.value_noise(7, float(places[1234])), abs=1e-12)
    assert keyed.value_noise(7, 12.0) == 2.0 * keyed.uniform(7, 12) - 1.0
