from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsp import listen
from server.app import VERSION
from tests.api.site import running_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.site import Site
    from tests.peers.client import Listening

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


def kept_instance(stream: Listening) -> dict[str, Any]:
    """What an honest client holds: the instance that it got, with the entries that it was told since."""
    return {**stream.ready.instance, "timeline": stream.entries}


def test_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


async def test_a_guest_hears_what_the_instance_says(site: Site) -> None:
    async with site.listener(await site.guest()) as client:
        stream = await client.open(preset="focus", duration_s=60)
        while stream.ring.play < 96_000:
            await asyncio.sleep(0.02)
        await client.set(stream, **{"am.depth": 75.0})
        while stream.ring.play < 144_000:
            await asyncio.sleep(0.02)
    instance = listen.Instance.from_json(kept_instance(stream))
    span = listen.Span(listen.prepare(instance), 0, stream.ring.play)
    expected = listen.render_batch([span], listen.GranuleCache(), "s16", 0)[0].view("<i2").reshape(-1, 2)
    heard = stream.ring.samples[: stream.ring.play]
    assert stream.ring.underruns == 0
    assert np.array_equal(heard, expected)
    assert np.sqrt(np.mean(np.square(heard[96_000:] / 32_768.0))) > 0.02
