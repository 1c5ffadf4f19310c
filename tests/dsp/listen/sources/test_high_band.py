import numpy as np

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.listen.sources import granule
from dsp.listen.sources.high_band import high_band, impulse_response

FIRST = 1_790_000_000


def test_it_passes_what_lies_above_and_no_more() -> None:
    response = np.abs(np.fft.rfft(impulse_response(), RATE_HZ))
    assert response[0] < 1e-12
    assert np.all(response[:1000] < 0.01)
    assert np.all(np.abs(response[2000:] - 1.0) < 0.01)


def test_it_is_in_phase_and_knows_no_seam() -> None:
    time_s = np.arange(5 * GRANULE) / RATE_HZ
    tone = np.sin(2.0 * np.pi * 4000.0 * time_s) + np.sin(2.0 * np.pi * 200.0 * time_s)
    seconds = np.tile(tone, (2, 1)).astype(np.float32).reshape(2, 5, GRANULE)
    bands = [high_band(*(seconds[:, middle + step] for step in (-1, 0, 1))) for middle in (1, 2, 3)]
    wanted = np.sin(2.0 * np.pi * 4000.0 * time_s[GRANULE : 4 * GRANULE])
    assert np.max(np.abs(np.concatenate(bands, axis=1) - wanted)) < 2e-3


def test_a_station_has_its_high_band() -> None:
    whole, high = granule("texture:rain", 1, FIRST), granule("texture:rain:high", 1, FIRST)
    share = np.abs(np.fft.rfft(high[0])) ** 2 / (np.abs(np.fft.rfft(whole[0])) ** 2 + 1e-12)
    assert np.median(share[:900]) < 1e-3
    assert np.median(share[3000:12_000]) > 0.98
