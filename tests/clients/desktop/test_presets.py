from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clients.desktop.errors import Misuse
from clients.desktop.presets import fetch_presets, find_preset

if TYPE_CHECKING:
    from clients.desktop.api import Api


async def test_presets_come_from_the_server_and_are_found_by_any_name(api: Api) -> None:
    presets = await fetch_presets(api)
    focus = find_preset(presets, "FOCUS")
    assert (focus.id, focus.minutes, focus.method) == ("focus", 25, "am")
    assert focus.layers["rain"] == "rain.level"
    assert focus.levels["rain"] == 20
    assert focus.values("isochronic", 30) == {"am.depth": 0.0, "iso.level": 30.0, "binaural.level": 0.0}
    for name in ("deep_work", "deep-work", "Deep work"):
        assert find_preset(presets, name).id == "deep_work"
    with pytest.raises(Misuse, match='no preset "no-such"; there are focus'):
        find_preset(presets, "no-such")
