"""What the next listener will need first, made before anybody asks, so that a click is heard at once."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

from dsp import listen
from server.listening.allowance import RATE_HZ
from server.listening.catalogue import PRESETS
from server.listening.stream import live_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.kit.clock import Clock

LEAD_FRAMES: Final = 4 * RATE_HZ
"""What a new stream asks for at once, and the seconds until the next look."""
KEPT_FRAMES: Final = 10 * RATE_HZ
"""So long a plan serves: further on it asks for the same stations, and its course has hardly moved."""
MOST_LAYERS: Final = 3
"""Of a program, that are looked at: with more, too few seeds would do."""
TRIES: Final = 2_000
"""Of a seed that puts three layers on the stations with the wished number: one in 64 does."""


class Standby:
    """Chooses which of the stations' seeds the next listener gets, so that their granules can be ready.

    After each opening another number is next: two people side by side need not hear the same rain.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._programs = [listen.parse_program(preset.program()) for preset in PRESETS if preset.well]
        self._number = secrets.randbelow(listen.POOL_SIZE)
        self._plans: dict[int, tuple[int, list[listen.Plan]]] = {}
        """By number: the frame of the station clock at which they begin, and one of each program."""

    def draw_seed(self, program: listen.Program) -> int:
        """A seed of a new listening, on the stations that are ready."""
        seed = _seed_on(listen.station_layers(program), self._number)
        self._number = (self._number + 1) % listen.POOL_SIZE
        return seed

    def spans(self) -> Sequence[listen.Span]:
        """The first seconds of whoever opens a preset of the first screen within the next second."""
        live = live_frame(self._clock)
        begun, plans = self._plans.get(self._number, (live, []))
        if not plans or not 0 <= live - begun < KEPT_FRAMES:
            begun, plans = live, [self._plan(program, live) for program in self._programs]
            self._plans[self._number] = begun, plans
        return [listen.Span(plan, live - begun, LEAD_FRAMES) for plan in plans]

    def _plan(self, program: listen.Program, live: int) -> listen.Plan:
        seed = _standing_seed(listen.station_layers(program), self._number)
        return listen.prepare(listen.open_instance(program, seed=seed, live_frame=live))


def _seed_on(layers: tuple[str, ...], number: int) -> int:
    """A random seed that puts these layers on the stations with this number."""
    for _ in range(TRIES):
        seed = secrets.randbelow(listen.LAST_SEED + 1)
        if all(listen.pool_seed(seed, layer) == number for layer in layers[:MOST_LAYERS]):
            break
    return seed


_standing_seed = cache(_seed_on)
"""Which one does not matter where only its stations are looked at."""
