from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsp import listen
from server.accounts.service import GuestGate
from server.kit.errors import Conflict, LimitReached, NotFound, ValidationFailed
from server.listening import library as module
from server.listening.library import Library, checked_program
from server.listening.presets import FOCUS

if TYPE_CHECKING:
    from server.kit.bus import Bus
    from server.kit.clock import ManualClock
    from server.kit.db import Database
    from server.kit.principal import Principal

PROGRAM = listen.parse_program(FOCUS.program())


@pytest.fixture
def library(database: Database, bus: Bus, clock: ManualClock, principal: Principal) -> Library:
    return Library(database, clock, GuestGate(bus, 60, counts_loopback=False), principal, "127.0.0.1")


async def test_a_preset_is_kept_by_a_guest_of_whom_nothing_was_known(library: Library) -> None:
    made = await library.add("Rainy work", 50, PROGRAM)
    shelf = await library.read()
    assert shelf.presets == [made]
    assert made.program == {**PROGRAM.to_json(), "title": "Rainy work"}
    assert (shelf.favourites, shelf.latest) == ([], None)


async def test_there_is_a_last_preset_also_for_who_asks_twice_at_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PRESETS", 3)
    answers = await asyncio.gather(
        *(library.add(f"{number}", 25, PROGRAM) for number in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(LimitReached) == 2
    assert len((await library.read()).presets) == 3


async def test_an_order_names_every_preset_once(library: Library) -> None:
    first, second = [(await library.add(title, 25, PROGRAM)).id for title in "ab"]
    assert [row.title for row in await library.order([second, first])] == ["b", "a"]
    for wrong in ([first], [first, first], [first, second, second], [first, second, uuid.uuid4()]):
        with pytest.raises(Conflict):
            await library.order(wrong)
    assert [row.title for row in (await library.read()).presets] == ["b", "a"]


async def test_favourites_are_of_both_kinds(library: Library, clock: ManualClock) -> None:
    own = await library.add("a", 25, PROGRAM)
    await library.mark("sleep")
    clock.advance(1)
    await library.mark(str(own.id))
    assert (await library.read()).favourites == [str(own.id), "sleep"]
    await library.unmark("sleep")
    assert (await library.read()).favourites == [str(own.id)]
    for unknown in ("gamma", str(uuid.uuid4())):
        with pytest.raises(NotFound):
            await library.mark(unknown)


@pytest.mark.req("S0-57")
async def test_what_is_anothers_is_not_there(library: Library, stranger: Principal) -> None:
    own = await library.add("a", 25, PROGRAM)
    theirs = replace(library, principal=stranger)
    with pytest.raises(NotFound):
        await theirs.rename(own.id, "b", 1)
    with pytest.raises(NotFound):
        await theirs.remove(own.id)
    with pytest.raises(NotFound):
        await theirs.mark(str(own.id))
    with pytest.raises(NotFound):
        await theirs.sound_of(uuid.uuid4())
    assert (await library.read()).presets == [own]


def test_what_is_wrong_in_a_program_is_named_by_its_path() -> None:
    program = FOCUS.program()
    program["layers"]["pads"]["level"] = 101
    with pytest.raises(ValidationFailed) as caught:
        checked_program(program)
    assert caught.value.field == "program.layers.pads.level"
    assert "0 to 100" in caught.value.message
