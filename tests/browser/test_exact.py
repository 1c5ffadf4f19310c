"""What reaches the destination is, sample for sample and each position once, what another process renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.programmes import PROGRAMMES
from tests.browser.scenario import SHORT, Seat, play_out, verdicts_on

if TYPE_CHECKING:
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
