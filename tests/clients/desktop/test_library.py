from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clients.desktop.api import Api
from clients.desktop.config import own_config
from clients.desktop.errors import Misuse
from clients.desktop.library import fetch_own, remove, save
from clients.desktop.presets import fetch_presets
from clients.desktop.wish import Tuning, make_wish
from tests.clients.desktop.test_verbs import run, told

if TYPE_CHECKING:
    from tests.api.site import Site

SHORT = ("--null", "--quiet", "--fade", "0.1", "--timer", "1s")


@pytest.mark.usefixtures("home")
async def test_what_was_played_is_kept_played_again_and_thrown_away(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    knobs = ("--method", "iso", "--intensity", "30", "--texture", "rain=70")
    assert await run(site, "focus", *SHORT, *knobs) == 0
    assert await run(site, "presets", "save", "Rainy work") == 0
    assert told(capsys)[-1] == "  Rainy work     1 min  Your own."
    api = Api(site.origin, None, own_config(), site.origin)
    (own,) = await fetch_own(api, await fetch_presets(api))
    await api.change_own("PUT", f"/api/favourites/{own.id}")
    assert await run(site, "presets", "--ascii") == 0
    assert told(capsys)[-1].startswith("* Rainy work ")
    assert (own.mode, own.method, own.intensity, own.levels["rain"]) == ("focus", "isochronic", 30, 70)
    assert make_wish(own, Tuning(), None, 1.0).args()["program"] == own.program
    assert await run(site, "play", "rainy-work", *SHORT) == 0
    assert await run(site, *SHORT) == 0  # the last one again
    rows = (await api.get_own("/api/listening/sessions"))["sessions"]
    assert [row["title"] for row in rows] == ["Rainy work", "Rainy work", "Focus"]
    assert await run(site, "presets", "rm", "Rainy work") == 0
    assert not any("Rainy work" in line for line in told(capsys))
    assert await run(site, *SHORT) == 0  # focus, for the last one is gone


async def test_what_is_not_there_is_told(api: Api, site: Site) -> None:
    assert await fetch_own(api, ()) == ()
    with pytest.raises(Misuse, match="Nothing was played"):
        await save(api, "Mine")
    with pytest.raises(Misuse, match='no preset "Mine"'):
        await remove(api, "Mine")
    with pytest.raises(Misuse, match="Say which: soundwell presets rm NAME"):
        await run(site, "presets", "rm")
