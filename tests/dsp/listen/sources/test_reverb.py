import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.listen.sources.reverb import TAIL_GRANULES, TRANSFORM, Room, convolve, impulse_response, wet_frames

ROOM = Room(5, length_s=2.7, rt60_s=2.6, pre_delay_s=0.03, low_cut_hz=170.0, high_cut_hz=4200.0)


def test_the_response_has_unit_energy_and_fits_the_transform() -> None:
    response = impulse_response(ROOM)
    assert np.sum(response**2, axis=1) == pytest.approx(np.ones(2))
    assert GRANULE + response.shape[1] - 1 <= TRANSFORM <= (TAIL_GRANULES + 1) * GRANULE
    assert np.max(np.abs(response[:, -50:])) < 1e-6


def test_nothing_comes_before_the_delay() -> None:
    response = impulse_response(ROOM)
    early = np.sum(response[:, : int(0.025 * RATE_HZ)] ** 2)
    assert 10.0 * np.log10(early) < -40.0


def test_it_dies_as_fast_as_it_says() -> None:
    """Schroeder's backward sum (1965) of the band around 600 Hz falls by 60 dB in the given time."""
    band = signal.butter(3, (500.0, 720.0), "bandpass", fs=RATE_HZ, output="sos")
    response = signal.sosfilt(band, impulse_response(ROOM)[0])
    energy_db = 10.0 * np.log10(np.cumsum(response[::-1] ** 2)[::-1])
    first, last = (int(np.argmax(energy_db < energy_db[0] - drop)) for drop in (5.0, 25.0))
    assert 3.0 * (last - first) / RATE_HZ == pytest.approx(2.6, rel=0.15)


def test_lows_are_common_to_both_ears_and_highs_are_not() -> None:
    spectra = np.fft.rfft(impulse_response(ROOM))
    frequencies_hz = np.fft.rfftfreq(int(2.7 * RATE_HZ), 1.0 / RATE_HZ)

    def coherence(low_hz: float, high_hz: float) -> float:
        left, right = spectra[:, (frequencies_hz > low_hz) & (frequencies_hz < high_hz)]
        return float(
            np.sum(left * right.conj()).real / np.sqrt(np.sum(abs(left) ** 2) * np.sum(abs(right) ** 2))
        )

    assert coherence(90.0, 250.0) > 0.8
    assert abs(coherence(2000.0, 6000.0)) < 0.3


def test_granules_add_up_to_the_whole_convolution() -> None:
    send = np.zeros(6 * GRANULE, np.float32)
    send[[100, 47_990, 100_000]] = 1.0
    convolved = [convolve(ROOM, send[second * GRANULE :][:GRANULE]) for second in range(6)]
    wet = np.concatenate(
        [wet_frames(convolved[second::-1][: TAIL_GRANULES + 1]) for second in range(6)], axis=1
    )
    response = impulse_response(ROOM)
    wanted = np.zeros((2, 6 * GRANULE + response.shape[1]))
    for place in (100, 47_990, 100_000):
        wanted[:, place : place + response.shape[1]] += response
    assert np.max(np.abs(wet - wanted[:, : 6 * GRANULE])) < 1e-6
