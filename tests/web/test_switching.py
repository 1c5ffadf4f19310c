"""Changing over quickly, with real sound: what fades away is no second listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre

pytestmark = pytest.mark.browser


def test_modes_can_be_changed_as_fast_as_keys(live: Theatre) -> None:
    with live.open() as screen:
        for keys, preset in (("123", "sleep"), ("2132", "relax")):
            for key in keys:
                screen.page.keyboard.press(key)
            screen.probe("played", 1.5)
            assert (screen.state("error"), screen.state("preset")) == (None, preset)
        assert screen.page.locator(".toast").count() == 0
