import numpy as np
import pytest

from dsp.base.grid import GRANULE
from dsp.listen.sources.kit import VARIANTS, Shot, add_shot, wave

DRUMS = ("kick", "snare", "hat", "shaker", "thump")


@pytest.mark.parametrize("drum", DRUMS)
def test_a_drum_starts_and_ends_softly(drum: str) -> None:
    for variant in range(VARIANTS):
        hit = wave(drum, variant)
        assert np.abs(hit[:, 0]).max() < 0.02 * np.abs(hit).max()
        assert np.abs(hit[:, -1]).max() < 0.005 * np.abs(hit).max()
        assert abs(float(hit.mean(axis=1).max())) < 0.01
    assert not np.array_equal(wave(drum, 0), wave(drum, 1))


def test_each_drum_has_its_place_in_the_spectrum() -> None:
    centres = {}
    for drum in DRUMS:
        power = np.abs(np.fft.rfft(wave(drum, 0)[0], 48_000)) ** 2
        centres[drum] = float((power * np.arange(len(power))).sum() / power.sum())
    assert centres["kick"] < 90.0
    assert centres["kick"] < centres["thump"] < 500.0 < centres["snare"] < centres["shaker"] < centres["hat"]


def test_a_hit_crosses_the_seam_whole() -> None:
    hit = Shot(onset=GRANULE - 2_000, drum="snare", variant=1, gain=0.5, pan=-0.4, send=0.2)
    dry, send = np.zeros((2, 2 * GRANULE), np.float32), np.zeros(2 * GRANULE, np.float32)
    for second in range(2):
        here = slice(second * GRANULE, (second + 1) * GRANULE)
        add_shot(hit, second * GRANULE, dry[:, here], send[here])
    heard = dry[:, hit.onset : hit.end]
    gains = 0.5 * np.array([np.cos(0.15 * np.pi), np.sin(0.15 * np.pi)], np.float32)[:, None]
    assert np.allclose(heard, gains * wave("snare", 1), atol=1e-6)
    assert np.allclose(send, 0.2 * dry.mean(axis=0), atol=1e-6)
    assert not dry[:, : hit.onset].any()
    add_shot(hit, 5 * GRANULE, dry[:, :GRANULE], send[:GRANULE])
    assert not dry[:, : hit.onset].any()
