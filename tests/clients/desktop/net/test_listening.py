from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from clients.desktop.audio.deck import START_FRAMES, Standing
from clients.desktop.audio.ring import FADE_FRAMES, LOW_FRAMES
from clients.desktop.net.listening import _samples
from clients.desktop.net.timing import RoundTrip
from server.realtime import wire
from server.realtime.limits import Limits
from tests.clients.desktop.stage import Stage, on_stage, until
from tests.peers.house import house
from tests.peers.proxy import proxy
from tests.peers.tone import timeline_of, tone

if TYPE_CHECKING:
    from clients.desktop.net.listening import Listening


def plays_to(listening: Listening, seconds: float) -> bool:
    return listening.play >= seconds * 48_000


def spoiled(stage: Stage) -> int:
    """Frames that a machine which stood still may have cost, as the deck counts it."""
    assert stage.listening is not None
    deck = stage.listening.deck
    assert deck is not None
    return 2 * FADE_FRAMES * deck.underruns + 48_000 * deck.detours


def heard_right(stage: Stage) -> bool:
    """Whether it was what the instance says, but for what a slow machine cost."""
    assert stage.listening is not None
    assert stage.listening.instance is not None
    sound = stage.sound
    wanted = tone(timeline_of(stage.listening.instance.value), 0, len(sound)) / np.float32(32_768)
    wrong = (sound != wanted).any(axis=1).sum()
    return bool(wrong <= spoiled(stage))


async def test_a_knob_and_a_cut_change_nothing_but_what_the_instance_says(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.5))
        listening.set({"level": 5.0})
        await until(lambda: any(what == "changed" for what, _ in stage.told))
        await until(lambda: plays_to(listening, 1.5))
        line.cut()
        listening.set({"level": 9.0})
        await until(lambda: stage.welcomes == [False, True])
        await until(lambda: sum(what == "changed" for what, _ in stage.told) == 2)
        await until(lambda: plays_to(listening, 2.5))
        listening.glide({"level": 20.0}, 2000)
        await until(lambda: sum(what == "changed" for what, _ in stage.told) == 3)
        await until(lambda: plays_to(listening, 4))
        assert {0, 5, 9, 20} <= set(stage.sound[:, 1] * 32_768)
        assert heard_right(stage)
        assert stage.tickets == 1


async def test_what_is_wanted_first_is_heard_from_where_the_instance_says_on_a_long_way(
    redis_url: str,
) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        line.delay_s = 0.05  # the server takes 60 ms for granted as long as nothing was measured
        listening = stage.listen()
        listening.set({"level": 5.0})
        await until(lambda: plays_to(listening, 0.2) and stage.sound[-1, 1] * 32_768 == 5)
        assert listening.instance is not None
        sure = (
            START_FRAMES - LOW_FRAMES
        )  # what was there when it began; a machine that stands still spoils the rest
        wanted = tone(timeline_of(listening.instance.value), 0, sure) / np.float32(32_768)
        assert (stage.sound[:sure] == wanted).all()


async def test_the_first_thing_that_a_hand_does_is_timed_for_the_way_as_it_is(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        line.delay_s = 0.05
        stage.link.round_trip = RoundTrip()
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.01))
        asked = listening.play
        listening.set({"level": 5.0})
        await until(lambda: any(what == "changed" for what, _ in stage.told))
        changed = next(facts for what, facts in stage.told if what == "changed")
        assert cast("int", changed["at"]) - asked > 0.1 * 48_000


async def test_first_values_that_are_refused_do_not_keep_it_silent(redis_url: str) -> None:
    async with house(redis_url) as at, on_stage(at.url) as stage:
        listening = stage.listen()
        listening.set({"nothing": 1.0})
        await until(lambda: plays_to(listening, 0.1))


async def test_a_server_that_has_forgotten_goes_on_from_the_instance(redis_url: str) -> None:
    limits = Limits(resume_s=0.05)
    async with house(redis_url, limits=limits) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.3))
        listening.set({"level": 5.0})
        await until(lambda: listening.buffered_frames > 2.5 * 48_000)
        session = listening.session
        line.stall()
        line.cut()
        await until(lambda: not stage.link.is_welcome)
        await until(lambda: not at.gateway._reception.connected and not at.gateway._detached)
        line.flow()
        await until(lambda: stage.welcomes == [False, False])
        listening.set({"level": 7.0})
        await until(lambda: stage.blocks[-1][-1, 1] * 32_768 == 7)
        assert listening.session == session
        # the left ear says where it is: no position was missed or heard twice, whichever plane it came from
        sound = stage.sound[:, 0] * 32_768
        assert (sound != np.arange(len(sound)) % 30_000).sum() <= spoiled(stage)


async def test_a_pause_stands_on_the_frame_that_the_entry_says(redis_url: str) -> None:
    async with house(redis_url) as at, on_stage(at.url) as stage:
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.5))
        listening.pause()
        deck = listening.deck
        assert deck is not None
        await until(lambda: deck.standing is Standing.PAUSED)
        stood = listening.play
        listening.resume()
        await until(lambda: plays_to(listening, stood / 48_000 + 0.5))
        await until(lambda: sum(what == "changed" for what, _ in stage.told) == 2)
        assert listening.instance is not None
        entries = listening.instance.value["timeline"]
        assert [entry["pos"] for entry in entries] == [stood - 14_400, stood]


async def test_the_end_is_moved_by_an_extension_and_by_a_fade_now(redis_url: str) -> None:
    async with house(redis_url) as at, on_stage(at.url) as stage:
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.3))
        await listening.extend(60)
        assert listening.end_pos is not None
        assert listening.end_pos > 60 * 48_000
        await listening.finish(100)
        assert listening.end_pos < listening.play + 48_000
        assert [what for what, _ in stage.told].count("envelope") == 2


async def test_without_an_answer_it_fades_alone(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        listening = stage.listen()
        await until(lambda: listening.buffered_frames > 2.5 * 48_000)
        line.stall()
        stage.spawn(listening.finish(200))
        await until(lambda: listening.is_standing)
        assert np.abs(stage.sound[-10:, 0]).max() < 1e-3


@pytest.mark.parametrize(("values", "code"), [({"nothing": 1.0}, "invalid_param"), ({"level": 1.0}, None)])
async def test_what_is_refused_is_told(redis_url: str, values: dict[str, float], code: str | None) -> None:
    async with house(redis_url) as at, on_stage(at.url) as stage:
        listening = stage.listen()
        await until(lambda: plays_to(listening, 0.2))
        listening.set(values)
        await until(lambda: stage.told[-1][0] in {"refused", "changed"})
        assert stage.told[-1][1].get("code") == code


async def test_who_left_before_it_was_open_leaves_nothing_that_sounds(redis_url: str) -> None:
    async with house(redis_url) as at, on_stage(at.url) as stage:
        listening = stage.listen()
        listening.leave()
        await until(
            lambda: any(isinstance(one, wire.StreamEnv) for one in stage.messages) or bool(listening.sid)
        )
        assert listening.deck is None
        assert len(stage.sound) == 0


def test_samples_of_both_codecs() -> None:
    floats = np.array([[0.25, -0.5]], np.float32)
    header = wire.PacketHeader(1, 0, 1, "f32", 0)
    assert _samples(header, memoryview(floats.tobytes())).tolist() == floats.tolist()
    integers = np.array([[8192, -16_384]], np.int16)
    header = wire.PacketHeader(1, 0, 1, "s16", 0)
    assert _samples(header, memoryview(integers.tobytes())).tolist() == floats.tolist()
