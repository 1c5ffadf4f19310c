"""What is timed ends on its frame: on a quiet line, and with the network dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.listener import Listener
from tests.browser.programmes import TONES
from tests.browser.scenario import compared

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def test_a_quiet_line_gives_what_the_engine_plays(browser: Browser, product: Product, tmp_path: Path) -> None:
    listener = Listener(browser, f"{product.lines[0].origin}/")
    listener.start(
        {"program": TONES.program, "duration_s": 6, "fade_in_ms": 500, "fade_out_ms": 1000}, ("f32",)
    )
    listener.until("s => s.transport === 'ended'")
    listener.recording().save(tmp_path)
    listener.close()
    verdict = compared(tmp_path, "f32")
    assert verdict["wrong"] == verdict["underruns"] == verdict["engine_differs"] == 0, verdict
    assert verdict["end_pos"] == 6 * 48_000


def test_the_end_is_on_its_frame_with_the_network_dead(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    line = product.lines[-1]
    listener = Listener(browser, f"{line.origin}/")
    listener.start(
        {"program": TONES.program, "duration_s": 20, "fade_in_ms": 500, "fade_out_ms": 3000}, ("s16",)
    )
    listener.until("s => s.buffered_s >= s.remaining_s - 0.001 && s.remaining_s <= 8")
    line.cut(60, silently=True)
    listener.until("s => s.transport === 'ended'")
    listener.recording().save(tmp_path)
    line.cut(0)
    listener.close()
    verdict = compared(tmp_path, "s16")
    assert verdict["wrong"] == verdict["underruns"] == 0, verdict
    assert verdict["end_pos"] == 20 * 48_000
