"""What reaches the destination is, sample for sample and each position once, what another process renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.listener import Listener
from tests.browser.programmes import PROGRAMMES, TONES
from tests.browser.scenario import SHORT, Seat, compared, play_out, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.alone]


@pytest.fixture(scope="module")
def verdicts(
    browser: Browser, product: Product, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """The short scenario, the three programmes side by side; what another process says of each."""
    folder = tmp_path_factory.mktemp("recordings")
    seats = [
        Seat(browser, line, programme, seed)
        for seed, (line, programme) in enumerate(zip(product.lines, PROGRAMMES, strict=False))
    ]
    play_out(seats, product, SHORT)
    return verdicts_on(seats, folder)


@pytest.mark.timeout(600)
@pytest.mark.req("S0-59", "S0-54")
@pytest.mark.parametrize("name", [programme.name for programme in PROGRAMMES])
def test_every_sample_is_the_one_that_another_process_renders(
    verdicts: dict[str, dict[str, Any]], name: str
) -> None:
    verdict = verdicts[name]
    assert verdict["wrong"] == 0, verdict
    assert verdict["each_once"], verdict
    assert verdict["learned"] > 20, verdict
    assert verdict["restored"] == 1, verdict
    assert verdict["old_heard"] > 0, "no cut kept a splice away"
    assert verdict["peak"] > 0.05, verdict


def test_the_guard_was_at_work(verdicts: dict[str, dict[str, Any]]) -> None:
    assert verdicts["guard at work"]["guarded_db"] >= 3.0


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
