"""The decisive rows of the accuracy benchmark, with its own estimators and goals."""

import numpy as np
import pytest

from dsp.listen import RATE_HZ, param_change, render
from tests.bench import accuracy
from tests.bench.tools import knobs, signals


def test_carrier_and_beat_are_exact_to_a_microhertz() -> None:
    sound = render(accuracy.instance_of(accuracy.tones((200.0, 10.0))), 0, 20 * RATE_HZ)
    carrier_hz, beat_hz = accuracy.frequency_errors_hz(sound[:, 0], sound[:, 1])
    assert carrier_hz <= 1e-6
    assert beat_hz <= 1e-6


def test_a_glide_keeps_its_beat_and_arrives_in_phase() -> None:
    instance = accuracy.instance_of(accuracy.tones((200.0, [[0, 10], [60, 4]])))
    sound = render(instance, 0, 60 * RATE_HZ)
    beat_hz, end_cycles = accuracy.glide_errors(sound[:, 0], sound[:, 1])
    assert beat_hz <= 1e-3
    assert end_cycles <= 1e-3


@pytest.mark.parametrize(
    "carrier",
    [
        [[0, 200], [20, 300]],
        [[0, 200], [20, 300, "exponential"]],
        [[0, 200], [20, 300, "cosine"]],
        [[0, 200], [3, 300]],
        [[0, 200], [3, 300, "exponential"]],
    ],
)
def test_every_glide_has_the_phase_of_its_integral(carrier: list[list[object]]) -> None:
    instance = accuracy.instance_of(accuracy.tones((carrier, 0)))
    track = instance.score.curves["tones.carrier.0"]
    frames = np.arange(4 * RATE_HZ, dtype=np.int64)
    drift = signals.demodulated(render(instance, 0, frames.size)[:, 0], track.integral(frames), 4800)
    # the integral itself, against a finely summed frequency (trapezoids)
    hertz = track.at(frames)
    summed = np.concatenate([[0.0], np.cumsum(0.5 * (hertz[1:] + hertz[:-1]))]) / RATE_HZ
    assert np.abs(drift).max() <= 1e-6
    assert np.abs(track.integral(frames) - summed).max() <= 1e-6


def test_phase_after_eight_hours() -> None:
    row = accuracy.phase_row()
    assert row.met, row


def test_sines_are_pure() -> None:
    for row in accuracy.purity_of_ours():
        assert row.met, row


def test_no_change_clicks() -> None:
    for what, sound in accuracy.clicked_sounds():
        assert signals.click_dbfs(sound) <= -100.0, what


def test_no_knob_of_any_layer_clicks() -> None:
    worst = dict(knobs.worst_errors())
    assert len(worst) > 60
    assert {what: error_dbfs for what, error_dbfs in worst.items() if error_dbfs > -100.0} == {}


def test_a_knob_that_turns_otherwise_than_it_should_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 10 ms instead of 30, by each of the ideals."""
    monkeypatch.setattr(
        knobs, "param_change", lambda one, at, patch, _ramp: param_change(one, at, patch, 480)
    )
    quick = {turn.what: turn for turn in knobs.turns()}
    for what in ("noise, color", "bell, level", "noise, am.depth", "isochronic, rate_hz", "motion, spin_hz"):
        assert knobs.error_dbfs(quick[what]) > -100.0, what


def test_am_has_the_depth_and_rate_that_it_should() -> None:
    for row in accuracy.modulation_rows(seconds=10):
        assert row.met, row


@pytest.mark.parametrize("law", ["hard", "linear", "raised_cosine"])
def test_pulses_have_the_duty_and_rise_that_they_should(law: str) -> None:
    duty_error_percent, rise_error_ms = accuracy.pulse_errors(law)
    assert duty_error_percent <= 1.0
    assert rise_error_ms <= 0.2


def test_sixteen_voices_at_full_stay_below_the_ceiling() -> None:
    for row in accuracy.ceiling_rows(seconds=5):
        assert row.met, row


def test_an_estimator_sees_a_wrong_frequency_a_spur_and_a_click() -> None:
    t = np.arange(1 << 19) / RATE_HZ
    tone = np.sin(2 * np.pi * 200.001 * t)
    assert signals.frequency_error_hz(tone[: 5 * RATE_HZ], 200.0) == pytest.approx(1e-3, abs=1e-6)
    assert signals.purity_db(tone + 1e-4 * np.sin(2 * np.pi * 3000 * t))[0] == pytest.approx(80.0, abs=0.1)
    broken = np.where(t < 1.0, 0.1 * tone, 0.0)
    assert signals.click_dbfs(broken[:60_000]) > -60.0
