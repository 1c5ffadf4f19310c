from __future__ import annotations

import asyncio

import pytest

from clients.desktop.net.requests import Lost, Refused, Requests
from server.realtime import wire


def finish() -> wire.SessionFinish:
    return wire.SessionFinish(id=0, sid=1, fade_ms=300)


def answer(re: int) -> wire.StreamEnv:
    return wire.StreamEnv(re=re, sid=1, rev=2, end_pos=10, gain_env=[])


async def test_it_is_sent_before_anything_else_happens_and_answered_by_number() -> None:
    requests, sent = Requests(), list[wire.Message]()
    assert requests.next_id() == 1
    first, second = requests.ask(finish(), sent.append), requests.ask(finish(), sent.append)
    assert [message.id for message in sent if isinstance(message, wire.Request)] == [2, 3]
    assert requests.last_answered == 1
    assert requests.answer(answer(3))
    assert not requests.answer(answer(3))
    assert not requests.answer(wire.Notice(code="a", msg="b"))
    assert (await second) == answer(3)
    assert requests.last_answered == 1
    requests.repeat(sent.append)
    assert sent[2] == sent[0]
    requests.answer(answer(2))
    await first
    assert requests.last_answered == 3


async def test_a_refusal_is_raised_where_it_was_asked() -> None:
    requests = Requests()
    asked = requests.ask(finish(), lambda _: None)
    requests.answer(wire.Error(re=1, code="not_found", msg="There is none."))
    with pytest.raises(Refused, match=r"There is none\.") as refused:
        await asked
    assert refused.value.error.code == "not_found"


async def test_a_new_beginning_loses_what_was_under_way() -> None:
    requests = Requests()
    asked = requests.ask(finish(), lambda _: None)
    requests.lose()
    with pytest.raises(Lost):
        await asked
    assert requests.next_id() == 1


async def test_who_asked_may_have_gone() -> None:
    requests = Requests()
    for number in (1, 2):
        gone = requests.ask(finish(), lambda _: None)
        gone.cancel()
        await asyncio.sleep(0)
        assert gone.cancelled()
        assert requests.answer(answer(number))
    requests.ask(finish(), lambda _: None).cancel()
    requests.lose()
