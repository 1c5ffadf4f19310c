"""How it sounds on a sound card that does not run at 48 kHz."""

from __future__ import annotations

from itertools import pairwise
from itertools import product as product_of
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from tests.browser.listener import Listener
from tests.browser.programmes import WHITE
from tests.browser.reference import Versions, gains, runs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Browser

    from tests.browser.product import Product

    Doubles = NDArray[np.float64]

pytestmark = [pytest.mark.browser, pytest.mark.alone]

RATE_HZ: Final = 48_000
CARD_HZ: Final = 44_100
UP, DOWN = 147, 160
"""44,100 / 48,000 in lowest terms."""
DELAY: Final = 36
"""Frames at 48 kHz by which the player's 70 taps delay the sound."""
TAPS: Final = 256
SHARPNESS: Final = 12.0
QUANTUM: Final = 128
GLANCE: Final = 1024
"""Frames that tell which quantum was the player's first."""


def test_at_44100_hz_it_is_the_ideal_sound_to_90_db(browser: Browser, product: Product) -> None:
    listener = Listener(browser, f"{product.lines[0].origin}/", rate_hz=CARD_HZ)
    wish = {"program": WHITE.program, "duration_s": 4, "fade_in_ms": 500, "fade_out_ms": 500}
    listener.start(wish, ("f32",))
    assert listener.do("player.context.sampleRate") == CARD_HZ
    listener.until("s => s.transport === 'ended'")
    recording = listener.recording()
    listener.close()
    source, first = _at_48000(recording.log)
    heard = recording.samples.astype(np.float64)
    begin = first * UP // DOWN - recording.first
    frames = len(source) * UP // DOWN

    def residual_db(place: tuple[int, int], start: int, count: int) -> float:
        born, rounding = place
        number = np.arange(start, start + count) + recording.first - born
        shift = round(born * DOWN / UP) + rounding - first
        return _residual_db(heard[start : start + count], _ideal(source, shift, number))

    # the player's first quantum lies somewhere between the recorder's and its own first sound; where quanta
    # were left out while the graph was built, the position counted at 48 kHz is rounded once more
    candidates = product_of(range(recording.first, recording.first + begin, QUANTUM), (-1, 0, 1))
    best = min(candidates, key=lambda one: residual_db(one, begin + frames // 2, GLANCE))
    assert residual_db(best, begin, frames) <= -90.0


def _at_48000(log: list[dict[str, Any]]) -> tuple[Doubles, int]:
    """What left the worklet before it was resampled, silence included, and the frame at which that begins."""
    worklet = [entry for entry in log if entry["kind"] == "worklet"]
    runs = runs_of(worklet, 0, 0)
    frames = runs[-1].pos + runs[-1].frames
    assert all(before.pos + before.frames == after.pos for before, after in pairwise(runs))
    versions = Versions(log, "f32")
    gain = gains(worklet, log, frames).astype(np.float32)[:, None]
    sound = versions.render(versions.newest, 0, frames) * gain
    first = runs[0].at
    out = np.zeros((runs[-1].at + runs[-1].frames - first, 2))
    for run in runs:
        out[run.at - first : run.at - first + run.frames] = sound[run.pos : run.pos + run.frames]
    return out, first


def _ideal(source: Doubles, shift: int, number: NDArray[np.int64]) -> Doubles:
    """Frames of the sound card, counted from the player's first: `source` by a long sinc."""
    begin = number * DOWN // UP - DELAY + shift - (TAPS // 2 - 1)
    rows = _sinc_rows()[number * DOWN % UP]
    padded = np.pad(source, ((TAPS, TAPS), (0, 0)))
    out = np.zeros((len(number), 2))
    for tap in range(TAPS):
        at = np.clip(begin + TAPS + tap, 0, len(padded) - 1)
        out += rows[:, tap, None] * padded[at]
    return out


def _sinc_rows() -> Doubles:
    """Taps at each of the 147 phases."""
    x = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - np.arange(UP)[:, None] / UP
    shape = np.sqrt(np.clip(1.0 - (x / (TAPS / 2)) ** 2, 0.0, None))
    rows: Doubles = np.sinc(x) * np.i0(SHARPNESS * shape) / np.i0(SHARPNESS)
    return rows


def _residual_db(heard: Doubles, ideal: Doubles) -> float:
    """Energy of what is heard beyond the ideal, from 20 Hz to 18 kHz, against the sound's own."""
    freq_hz = np.fft.rfftfreq(len(heard), 1.0 / CARD_HZ)
    band = (freq_hz >= 20.0) & (freq_hz <= 18_000.0)
    difference = np.abs(np.fft.rfft(heard - ideal, axis=0)[band]) ** 2
    return float(10 * np.log10(difference.sum() / (np.abs(np.fft.rfft(ideal, axis=0)[band]) ** 2).sum()))
