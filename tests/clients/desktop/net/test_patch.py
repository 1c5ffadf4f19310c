from __future__ import annotations

import asyncio

from clients.desktop.net.patch import Patch, Values


async def settled() -> None:
    await asyncio.sleep(0.06)


async def test_values_wait_until_there_is_somebody_and_the_newest_wins() -> None:
    sent: list[Values] = []
    patch = Patch(sent.append)
    patch.set({"a": 1.0, "b": 1.0})
    patch.set({"a": 2.0})
    await settled()
    assert sent == []
    patch.open()
    await settled()
    assert sent == [{"a": 2.0, "b": 1.0}]


async def test_a_burst_becomes_few_messages_and_ends_with_the_last_value() -> None:
    sent: list[tuple[float, Values]] = []
    loop = asyncio.get_running_loop()
    patch = Patch(lambda values: sent.append((loop.time(), values)))
    patch.open()
    for value in range(40):
        patch.set({"a": float(value)})
        await asyncio.sleep(0.002)
    await settled()
    lasted_s = sent[-1][0] - sent[0][0]
    assert 1 < len(sent) <= 2 + lasted_s * 50, "fifty a second, however slow the machine is"
    assert sent[-1][1] == {"a": 39.0}


async def test_what_was_lost_is_sent_again_unless_there_is_something_newer() -> None:
    sent: list[Values] = []
    patch = Patch(sent.append)
    patch.open()
    patch.set({"a": 3.0})
    patch.put_back({"a": 1.0, "b": 1.0})
    await settled()
    assert sent == [{"a": 3.0, "b": 1.0}]
    patch.close()
    patch.close()
    patch.set({"a": 4.0})
    patch.close()
    await settled()
    assert len(sent) == 1
