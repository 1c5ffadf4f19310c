from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clients.desktop.api import Api
from clients.desktop.config import Config
from clients.desktop.errors import ListenerError, NotAllowed, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site


async def test_a_guest_is_made_once_and_kept(api: Api, site: Site) -> None:
    assert await api.ticket() != await api.ticket()
    token = api.config.token_of(site.origin)
    assert token is not None
    assert (await api.get_own("/api/listening/sessions"))["sessions"] == []
    assert api.config.token_of(site.origin) == token


async def test_a_guest_that_is_no_longer_known_becomes_a_new_one(api: Api, site: Site) -> None:
    api.config.keep_token(site.origin, "of long ago")
    await api.ticket()
    assert api.config.token_of(site.origin) not in {None, "of long ago"}


async def test_a_token_that_was_given_is_not_replaced(site: Site, home: Path) -> None:
    api = Api(site.origin, "wrong", Config(home / "listener.json"), site.origin)
    with pytest.raises(NotAllowed, match="not valid"):
        await api.ticket()
    assert api.config.token_of(site.origin) is None


async def test_refusals_keep_their_sentence(api: Api) -> None:
    with pytest.raises(ListenerError) as refused:
        await api.get("/api/nothing")
    assert refused.value.status == 1


async def test_nobody_there_is_told_with_the_address(home: Path) -> None:
    api = Api("http://127.0.0.1:9", None, Config(home / "listener.json"), "x")
    with pytest.raises(Unreachable, match=r"No Soundwell server answers at http://127.0.0.1:9\."):
        await api.get("/healthz")
    assert api.socket_url == "ws://127.0.0.1:9/ws"
    assert Api("https://there", None, api.config, "x").socket_url == "wss://there/ws"
