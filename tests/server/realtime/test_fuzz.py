"""Anything at any time: nothing fails, nothing grows without bound, and all is answered honestly."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from tests.peers.fuzz import Verdict, fuzz
from tests.peers.mass import decode_anything, fuzz_sessions


@pytest.mark.parametrize("seed", range(6))
async def test_anything_at_any_time(seed: int) -> None:
    assert await fuzz_sessions(1_500, seed, renders=0.9) == 1


def test_bytes_without_any_shape_are_refused() -> None:
    chance = random.Random(1)
    assert sum(decode_anything(chance.randbytes(chance.randrange(200))) for _ in range(2_000)) < 20


async def test_a_gateway_under_nonsense_serves_the_honest(redis_url: str) -> None:
    """The short form of `scripts/fuzz`."""
    verdict = await fuzz(redis_url, 20_000, seed=1)
    assert verdict.messages == 20_000
    assert verdict.live == 2_000
    assert verdict.sessions > 5
    assert verdict.understood > 1_000
    assert verdict.connections >= 4
    assert verdict.underruns == 0
    assert verdict.wrong == 0
    assert verdict.heard_s > 1
    assert verdict.faults == 0
    assert verdict.growth < 1.5, "the long form holds it to 1.2"


def test_a_verdict_can_be_printed_whatever_it_counted() -> None:
    verdict = Verdict(closes=Counter({4429: 2, 1000: 1}), growth=1.3)
    printed = json.loads(json.dumps(verdict.to_json()))
    assert printed["closes"] == {"1000": 1, "4429": 2}
    assert not printed["good"]
