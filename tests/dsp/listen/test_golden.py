"""The engine's number stands for its sound.

On a numeric build whose hashes are stored, a mismatch means that stored instances sound different now:
if that is wanted, bump ENGINE and run `python -m tests.dsp.listen.golden`. On any other build (another
numpy, another processor type) last bits may differ; there int16 samples may be one step off in one of
a hundred, and more than that means the same as a mismatch.
"""

import numpy as np
import pytest

from dsp.listen import ENGINE
from tests.dsp.listen import golden


def test_every_kind_of_instance_is_pinned_to_this_engine() -> None:
    stored = golden.stored_hashes()
    assert stored["engine"] == ENGINE
    for hashes in stored["builds"].values():
        assert list(hashes) == list(golden.instances())
        assert len(hashes) == len(set(hashes.values())) >= 20


def test_a_known_build_renders_every_bit_as_it_did() -> None:
    wanted = golden.stored_hashes()["builds"].get(golden.numeric_build())
    if wanted is None:
        pytest.skip("no hashes are stored for this numeric build; the samples are compared below")
    assert golden.hashes() == wanted


def test_every_build_renders_the_same_samples_but_for_last_bits() -> None:
    with np.load(golden.SAMPLES, allow_pickle=False) as stored:
        samples = golden.kept_samples()
        assert set(stored.files) == set(samples)
        for name in stored.files:
            apart = np.abs(samples[name].astype(int) - stored[name])
            assert apart.max() <= 1, name
            assert np.mean(apart > 0) <= 0.01, name
