from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from clients.desktop.errors import ListenerError, Misuse
from clients.desktop.share import is_link, server_in, sound_in
from tests.clients.desktop.test_library import SHORT
from tests.clients.desktop.test_verbs import run, told

if TYPE_CHECKING:
    from tests.api.site import Site

NOISE = {"kind": "noise", "color": "pink", "level": 50.0}
SOUND = {
    "title": "Rainy work",
    "minutes": 7,
    "mode": "focus",
    "program": {"v": 1, "title": "Rainy work", "mode": "focus", "layers": {"noise": NOISE}},
}


def link(origin: str, sound: object) -> str:
    """As `ui/share.js` makes it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(json.dumps(sound).encode()) + packer.flush()
    return f"{origin}/#sound={base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def test_a_link_holds_a_sound_and_a_server() -> None:
    found = link("https://there:9000", SOUND)
    assert is_link(found)
    assert not is_link("focus")
    assert server_in(found) == "https://there:9000"
    assert sound_in(found) == {**SOUND, "id": "shared"}


@pytest.mark.parametrize(
    "wrong",
    [
        "http://here/#sound=",
        "http://here/#sound=####",
        f"x#sound={'A' * 20_000}",
        link("", {"title": 1}),
        link("", 7),
    ],
)
def test_half_a_link_is_told(wrong: str) -> None:
    with pytest.raises(Misuse, match="copied as a whole"):
        sound_in(wrong)


@pytest.mark.usefixtures("home")
async def test_a_shared_sound_is_played(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--null", "--plain", "--fade", "0.1", "--timer", "1s")
    assert await run(site, "play", link("http://127.0.0.1:9", SOUND), *words) == 0
    assert told(capsys)[-1].startswith("Done. Rainy work: 0:01 heard, ")
    with pytest.raises(ListenerError, match=r"program\.title is missing"):
        await run(site, "play", link("", {**SOUND, "program": {"v": 1}}), *words)
    assert await run(site, *SHORT) == 0  # it is not kept, so focus is next
