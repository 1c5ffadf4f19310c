from __future__ import annotations

import json
import wave
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from dsp import listen
from server.listening.export import Unexportable, blocks, choose, end_of, export, preset_instance
from tests.api.site import running_site, until

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 48_000


def live_packets(instance: listen.Instance, start: int, frames: int) -> bytes:
    """What the server sends of it in s16."""
    spans = [listen.Span(listen.prepare(instance), start, frames)]
    return listen.render_batch(spans, listen.GranuleCache(), "s16", 0)[0].tobytes()


def test_the_samples_are_those_of_a_live_session() -> None:
    instance, frames = choose("focus", None, 0.25, 7)
    made = np.concatenate(list(blocks(instance, frames)))
    assert made.shape == (15 * SECOND, 2)
    # between the fades nothing but the packets themselves
    assert made[3 * SECOND : 4 * SECOND].tobytes() == live_packets(instance, 3 * SECOND, SECOND)
    heard = listen.play(instance, 0, frames)
    assert np.abs(made / 32_768 - heard).max() < 2 / 32_768
    assert np.abs(made[-20:]).max() <= 1  # it ends in silence, but for the dither


@pytest.mark.req("S4-85")
async def test_files_hold_the_packets_that_a_listener_gets_of_the_same_instance(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    instance, frames = choose("focus", None, 16 / 60, 7)
    for name in ("a.wav", "a.flac"):
        export(instance, frames, tmp_path / name)
    with wave.open(str(tmp_path / "a.wav")) as file:
        wav = np.frombuffer(file.readframes(frames), np.int16).reshape(-1, 2)
    with av.open(tmp_path / "a.flac") as container:
        decoded = [frame.to_ndarray() for frame in container.decode(audio=0)]
    assert (np.concatenate(decoded, axis=1).reshape(-1, 2) == wav).all()
    async with (
        running_site(database_url, redis_url, tmp_path) as site,
        site.listener(await site.guest()) as client,
    ):
        restore = {"session": "", "instance": instance.to_json(), "from": 0}
        stream = await client.open(restore=restore, limit=6 * SECOND, codec_pref=["s16"])
        stream.horizon = 6 * SECOND
        await until(lambda: stream.ring.have >= 6 * SECOND)
        live = stream.ring.samples[2 * SECOND : 6 * SECOND]  # between the fades
    assert np.abs(live).max() > 1_000
    assert (live == wav[2 * SECOND : 6 * SECOND]).all()


def test_the_same_seed_gives_the_same_samples() -> None:
    one, other = (next(blocks(preset_instance("relax", 0.1, seed), SECOND)) for seed in (7, 7))
    assert one.tobytes() == other.tobytes()
    assert next(blocks(preset_instance("relax", 0.1, 8), SECOND)).tobytes() != one.tobytes()


def test_without_a_seed_each_export_is_another() -> None:
    assert choose("relax", None, 1, None)[0].seed != choose("relax", None, 1, None)[0].seed


def test_an_instance_that_a_client_kept_is_made_again(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    instance = listen.pause_change(preset_instance("sleep", 0.05, 3), 50_000).instance
    kept.write_text(json.dumps(instance.to_json()))
    wanted, frames = choose(None, kept, None, None)
    assert frames == end_of(instance) == 3 * SECOND
    export(wanted, frames, tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        samples = np.frombuffer(file.readframes(frames), np.int16).reshape(-1, 2)
    assert np.abs(samples / 32_768 - listen.play(instance, 0, frames)).max() < 2 / 32_768


def test_length_of_an_instance_may_be_chosen(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(preset_instance("sleep", 1, 3).to_json()))
    assert choose(None, kept, 0.5, None)[1] == 30 * SECOND


@pytest.mark.parametrize(
    ("preset", "minutes", "seed", "why"),
    [
        (None, None, None, "Say which preset"),
        ("disco", None, None, 'no preset "disco"; there are focus'),
        ("focus", 0.0, None, "a second to twelve hours"),
        ("focus", 1000.0, None, "a second to twelve hours"),
        ("focus", 1.0, -1, "whole number from 0"),
    ],
)
def test_what_cannot_be_exported_is_told(
    preset: str | None, minutes: float | None, seed: int | None, why: str
) -> None:
    with pytest.raises(Unexportable, match=why):
        choose(preset, None, minutes, seed)


def test_a_file_without_an_instance_is_told(tmp_path: Path) -> None:
    for number, text in enumerate(['{"engine": "none"}', "no json"]):
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        with pytest.raises(Unexportable, match="holds no instance"):
            choose(None, path, None, None)
    endless = tmp_path / "endless.json"
    program = listen.parse_program(preset_instance("focus", 1, 1).program.to_json())
    endless.write_text(json.dumps(listen.open_instance(program, seed=1, live_frame=0).to_json()))
    with pytest.raises(Unexportable, match="no end"):
        choose(None, endless, None, None)
