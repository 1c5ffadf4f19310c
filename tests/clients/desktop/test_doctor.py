from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from clients.desktop import doctor
from clients.desktop.doctor import Finding, _left_then_right, examine

if TYPE_CHECKING:
    from clients.desktop.api import Api


@pytest.fixture(autouse=True)
def short_tone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_TONE_S", 0.1)


async def findings(api: Api, *, is_null: bool) -> list[Finding]:
    return [finding async for finding in examine(api, device="nowhere", is_null=is_null)]


async def test_everything_is_looked_at(api: Api) -> None:
    found = await findings(api, is_null=True)
    assert all(finding.is_fine for finding in found)
    said = "\n".join(finding.sentence for finding in found)
    assert re.search(r"^Python 3\.\d+\.\d+, numpy [\d.]+, websockets [\d.]+", said)
    assert f"Server {api.server}, version 0.1.0." in said
    assert re.search(r"Round trip \d+\.\d ms \(p50\), \d+\.\d ms \(p95\)\.", said)
    assert re.search(r"left, then right: 0 dropouts, \d+\.\d kHz\.", said)


async def test_what_is_missing_is_a_problem(api: Api) -> None:
    away = replace(api, server="http://127.0.0.1:9")
    found = await findings(away, is_null=False)
    problems = [finding.sentence for finding in found if not finding.is_fine]
    assert "No Soundwell server answers at http://127.0.0.1:9." in problems
    assert len(problems) >= 2  # and no sound card called "nowhere"


def test_left_is_left_and_right_is_right() -> None:
    tone = _left_then_right()
    half = len(tone) // 2
    assert tone[:half, 0].std() > 0.05
    assert tone[half:, 1].std() > 0.05
    assert not tone[:half, 1].any()
    assert not tone[half:, 0].any()
    assert abs(tone[[0, half - 1, half, -1]]).max() < 1e-3
