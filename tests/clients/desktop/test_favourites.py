from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from clients.desktop.favourites import Favourites

if TYPE_CHECKING:
    from clients.desktop.api import Api


async def test_the_server_keeps_them(api: Api) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    mine = Favourites(api, lambda what, **facts: told.append((what, facts)))
    await mine.toggle("relax", "Relax")
    assert told == [("favourite", {"preset": "relax", "title": "Relax", "favourite": True})]
    again = Favourites(api, lambda _, **__: None)
    assert not again.has("relax")
    await again.fetch()
    assert again.has("relax")
    await again.toggle("relax", "Relax")
    assert not again.has("relax")


async def test_what_is_refused_is_taken_back_and_told(api: Api) -> None:
    told: list[str] = []
    mine = Favourites(api, lambda what, **facts: told.append(f"{what}: {facts['sentence']}"))
    await mine.toggle("no_such_preset", "Nothing")
    assert not mine.has("no_such_preset")
    assert told == ["refused: There is no such preset."]
    away = Favourites(replace(api, server="http://127.0.0.1:9"), lambda _, **__: None)
    await away.fetch()
    assert not away.has("relax")
