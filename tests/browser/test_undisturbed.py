"""Whom nothing disturbs hears it as loud as promised and in one piece, and a timed end on its frame.

Three people listen at once, for they all only wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.bench.tools.meters import pyloudnorm_lufs
from tests.browser.listener import Listener
from tests.browser.programmes import TONES
from tests.browser.reference import runs_of
from tests.browser.scenario import compared, cut_before_the_end

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.line import Line
    from tests.browser.listener import Recording
    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.alone]

RATE_HZ: Final = 48_000
FADE_IN_S: Final = 1
FOCUS: Final = {"preset": "focus", "duration_s": 60, "fade_in_ms": FADE_IN_S * 1000, "fade_out_ms": 1000}
SHORT: Final = {"program": TONES.program, "duration_s": 6, "fade_in_ms": 500, "fade_out_ms": 1000}
TIMED: Final = {"program": TONES.program, "duration_s": 20, "fade_in_ms": 500, "fade_out_ms": 3000}


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached them."""

    focus: Recording
    short: Recording
    timed: Recording
    """The network was dead for the last 8 s."""


@pytest.fixture(scope="module")
def heard(browser: Browser, product: Product) -> Heard:
    *quiet, dead = product.lines[:3]
    focus = _begun(browser, quiet[0], FOCUS, "s16")
    short = _begun(browser, quiet[1], SHORT, "f32")
    timed = _begun(browser, dead, TIMED, "s16")
    cut_before_the_end(timed, dead)
    for listener in (short, timed):
        listener.until("s => s.transport === 'ended'")
    focus.until("s => s.position_s >= 32")
    everyone = [focus, short, timed]
    recordings = [listener.recording() for listener in everyone]
    dead.cut(0)
    for listener in everyone:
        listener.close()
    return Heard(*recordings)


def test_focus_is_as_loud_as_promised_and_has_no_gap(heard: Heard) -> None:
    assert _loudness_lufs(heard.focus) == pytest.approx(-20.0, abs=1.5)


def test_a_quiet_line_gives_what_the_engine_plays(heard: Heard, tmp_path: Path) -> None:
    heard.short.save(tmp_path)
    verdict = compared(tmp_path, "f32")
    assert verdict["wrong"] == verdict["underruns"] == verdict["engine_differs"] == 0, verdict
    assert verdict["end_pos"] == 6 * RATE_HZ


def test_the_end_is_on_its_frame_with_the_network_dead(heard: Heard, tmp_path: Path) -> None:
    heard.timed.save(tmp_path)
    verdict = compared(tmp_path, "s16")
    assert verdict["wrong"] == verdict["underruns"] == 0, verdict
    assert verdict["end_pos"] == 20 * RATE_HZ


def _begun(browser: Browser, line: Line, wish: Mapping[str, Any], codec: str) -> Listener:
    listener = Listener(browser, f"{line.origin}/")
    listener.start(wish, (codec,))
    return listener


def _loudness_lufs(recording: Recording) -> float:
    """Of half a minute from the end of the fade-in, in one piece."""
    log = [entry for entry in recording.log if entry["kind"] == "worklet"]
    (run,) = runs_of(log, recording.first, len(recording.samples))
    begin = run.at + FADE_IN_S * RATE_HZ
    sound = recording.samples[begin : begin + 30 * RATE_HZ]
    assert len(sound) == 30 * RATE_HZ
    return pyloudnorm_lufs(sound)
