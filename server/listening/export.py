"""A listening as a file: the samples of a live session, without anybody listening."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Final

from dsp import listen
from dsp.listen.play import newest_end, play_s16
from server.kit.media import RATE_HZ, write_audio
from server.listening import envelope
from server.listening.catalogue import PRESETS, find_preset
from server.listening.opening import LONGEST_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server.kit.media import Pcm

FADE_IN: Final = 2 * RATE_HZ
FADE_OUT: Final = 10 * RATE_HZ
"""As a session has them where nothing else is asked for."""
_BLOCK: Final = RATE_HZ


class Unexportable(Exception):  # noqa: N818 - the name says what is wrong
    """What cannot be exported, and why."""


def choose(
    preset: str | None, instance: Path | None, minutes: float | None, seed: int | None
) -> tuple[listen.Instance, int]:
    """The instance that is asked for, and how many frames of it; raises Unexportable."""
    if instance is None and preset is None:
        raise Unexportable("Say which preset, or which --instance.")
    wanted = preset_instance(preset or "", minutes, seed) if instance is None else read_instance(instance)
    return wanted, end_of(wanted) if minutes is None else round(minutes * 60 * RATE_HZ)


def preset_instance(name: str, minutes: float | None, seed: int | None) -> listen.Instance:
    """The instance that a session of this preset would have, its stations at frame 0; raises Unexportable."""
    preset = find_preset(name)
    if preset is None:
        raise Unexportable(f'There is no preset "{name}"; there are {", ".join(one.id for one in PRESETS)}.')
    duration_s = preset.duration_s if minutes is None else minutes * 60
    if not 1 <= duration_s <= LONGEST_S:
        raise Unexportable("An export lasts a second to twelve hours.")
    if seed is not None and not 0 <= seed <= listen.LAST_SEED:
        raise Unexportable(f"A seed is a whole number from 0 to {listen.LAST_SEED}.")
    program = listen.parse_program(preset.program(duration_s))
    chosen = secrets.randbelow(listen.LAST_SEED + 1) if seed is None else seed
    instance = listen.open_instance(program, seed=chosen, live_frame=0)
    end = round(duration_s * RATE_HZ)
    return listen.end_change(instance, 0, 1, end, envelope.opening(0, end, FADE_IN, FADE_OUT)).instance


def read_instance(path: Path) -> listen.Instance:
    """An instance that a client kept; raises Unexportable."""
    try:
        return listen.Instance.from_json(json.loads(path.read_text()))
    except (OSError, ValueError, listen.ProgramError) as error:
        raise Unexportable(f"{path} holds no instance: {error}") from error


def end_of(instance: listen.Instance) -> int:
    """Frames until it ends; raises Unexportable where it does not."""
    end = newest_end(instance.timeline)
    if end is None or end.end_pos is None:
        raise Unexportable("This instance has no end; say --minutes.")
    return end.end_pos


def blocks(instance: listen.Instance, frames: int) -> Iterator[Pcm]:
    """The samples in order, a second at a time."""
    cache = listen.GranuleCache()
    for start in range(0, frames, _BLOCK):
        yield play_s16(instance, start, min(_BLOCK, frames - start), cache)


def export(instance: listen.Instance, frames: int, path: Path) -> None:
    """Render and encode."""
    write_audio(path, blocks(instance, frames), instance.program.title)
