"""Six hostile clients against a whole server in production mode, while fifty honest ones listen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.peers.heard import judge
from tests.peers.siege import ATTACKS, besieged

if TYPE_CHECKING:
    from pathlib import Path

LISTENERS = 50
SECONDS = 5.0


@pytest.mark.siege
async def test_fifty_honest_listeners_hear_no_gap_whatever_six_others_take(folder_for_services: Path) -> None:
    """The short form of `scripts/bench hostile`."""
    async with besieged(folder_for_services, LISTENERS) as siege:
        await siege.settle(LISTENERS)
        fared, answers = await siege.attack(ATTACKS, SECONDS)
        reports = await asyncio.to_thread(siege.crowd.end)
    assert fared.listeners == LISTENERS
    assert fared.underruns == 0
    assert fared.lost == 0
    assert fared.lowest_s > 1
    assert answers["credit"].closes[4411] > 0, answers
    assert answers["seeks"].refused["rate_limited"] > 0, answers
    assert answers["keyframes"].refused["invalid_param"] > 0, answers
    assert answers["strangers"].refused["limit_reached"] > 0, answers
    assert answers["changes"].done > 0, "what is asked for at that rate is granted, merged"
    assert answers["opus"].done > 1, "and streams are opened, one in place of the other"
    judged = [judge(report, every=5) for report in reports]
    assert sum(one.checked for one in judged) > LISTENERS
    assert [one.wrong for one in judged] == [()] * LISTENERS
