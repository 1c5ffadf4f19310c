import math

import numpy as np
import pytest

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.timbres import (
    Timbre,
    bass,
    bell,
    drone,
    felt_piano,
    mallet,
    midi_hz,
    pad,
    pan_gains,
    sub,
    tine,
)


def frequencies_hz(timbre: Timbre) -> list[float]:
    return [float(turns) / 2.0**64 * RATE_HZ for turns in timbre.turns]


def test_pitches() -> None:
    assert midi_hz(69) == 440.0
    assert midi_hz(57) == pytest.approx(220.0)


def test_pan_has_constant_power_and_is_one_in_the_middle() -> None:
    assert pan_gains(0.0) == pytest.approx((1.0, 1.0))
    assert pan_gains(-1.0) == pytest.approx((math.sqrt(2.0), 0.0))
    assert pan_gains(3.0) == pan_gains(1.0)
    left, right = pan_gains(0.3)
    assert left**2 + right**2 == pytest.approx(2.0)
    assert right > left


def test_a_pad_is_three_copies_within_eight_cents_darker_the_higher() -> None:
    timbre = pad(1, 57, 3)
    assert timbre.is_sustained
    assert len(timbre.turns) == 3 * 16
    cents = [1200.0 * math.log2(frequencies_hz(timbre)[copy * 16] / 220.0) for copy in range(3)]
    assert cents == sorted(cents)
    assert max(map(abs, cents)) < 8.0
    levels = np.abs(timbre.ears).max(axis=0)
    assert levels[0] > 3.0 * levels[9]
    assert max(frequencies_hz(pad(1, 71, 3))) < 6_600.0


def test_brightness_opens_the_pad() -> None:
    dark, bright = (np.abs(pad(1, 57, brightness).ears) for brightness in (0, 7))
    assert bright[0, 15] / bright[0, 0] > 1.5 * dark[0, 15] / dark[0, 0]


def test_a_bell_dies_and_a_sub_stays() -> None:
    assert not bell(1, 76, 3).is_sustained
    assert bell(1, 76, 3).decays[0] == pytest.approx(0.6 / RATE_HZ)
    assert sub(1, 40).is_sustained
    assert np.abs(sub(1, 40).ears[0]) == pytest.approx(np.array([1.0, 0.32, 0.12, 0.05]) / math.sqrt(2.0))


def test_low_partials_agree_between_the_ears() -> None:
    timbre = sub(1, 40)
    apart = np.abs(np.angle(timbre.ears[0] * timbre.ears[1].conj()))
    assert apart[0] < 0.2
    wide = np.abs(np.angle(bell(1, 80, 3).ears[0] * bell(1, 80, 3).ears[1].conj()))
    assert np.all((wide > 0.69) & (wide < 1.41))


def test_timbres_are_shared() -> None:
    assert pad(1, 57, 3) is pad(1, 57, 3)


STRUCK = {
    "bass": bass(1, 38, 3),
    "tine": tine(1, 60, 4, 0),
    "mallet": mallet(1, 67, 3),
    "felt piano": felt_piano(1, 60, 3),
}


@pytest.mark.parametrize("timbre", STRUCK.values(), ids=STRUCK)
def test_struck_timbres_die_from_the_top(timbre: Timbre) -> None:
    assert not timbre.is_sustained
    order = np.argsort(frequencies_hz(timbre))
    assert timbre.decays[order[-1]] > 2.0 * timbre.decays[order[0]]


def test_brightness_raises_the_upper_partials() -> None:
    for make in (bass, mallet, felt_piano):
        dark, bright = (np.abs(make(1, 60, brightness).ears[0]) for brightness in (0, 7))
        assert bright[-1] / bright[0] > 1.5 * dark[-1] / dark[0]


def test_a_tape_bends_the_tine() -> None:
    straight, bent = (frequencies_hz(tine(1, 69, 4, cents))[0] for cents in (0, 2))
    assert straight == pytest.approx(440.0)
    assert 1200.0 * math.log2(bent / straight) == pytest.approx(2.0)


def test_strings_are_stiff_and_a_pair() -> None:
    timbre = felt_piano(1, 60, 3)
    half = len(timbre.turns) // 2
    first, second = frequencies_hz(timbre)[:half], frequencies_hz(timbre)[half:]
    assert first[9] / first[0] > 10.1
    assert 1200.0 * math.log2(second[0] / first[0]) == pytest.approx(0.6)
    assert timbre.decays[0] > 3.0 * timbre.decays[half]
    level = np.abs(timbre.ears[0, :half]) * math.sqrt(2.0) / 0.75
    assert np.sum(level**2) == pytest.approx(1.0)


def test_a_drone_has_two_copies_of_unequal_weight() -> None:
    timbre = drone(1, 3, 110.0, 4)
    assert timbre.is_sustained
    half = len(timbre.turns) // 2
    cents = 1200.0 * math.log2(frequencies_hz(timbre)[half] / frequencies_hz(timbre)[0])
    assert cents == pytest.approx(2.5)
    power = (np.abs(timbre.ears) ** 2).sum(axis=0)
    assert power[half] / power[0] == pytest.approx(0.42**2, rel=0.01)
    assert max(frequencies_hz(timbre)) < 2_650.0
