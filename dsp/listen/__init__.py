"""Listening: sound as a pure function of an instance and a position."""

from dsp.base.grid import GRANULE, QUANTUM, RATE_HZ
from dsp.base.params import ParamSpec
from dsp.listen.addresses import param_specs
from dsp.listen.changes import (
    Change,
    end_change,
    loop_change,
    param_change,
    pause_change,
    play_change,
    seek_change,
)
from dsp.listen.guard import LOOKAHEAD
from dsp.listen.history import fold, is_binaural, media_map, values_at
from dsp.listen.instance import ENGINE, LAST_SEED, Instance, open_instance, station_layers
from dsp.listen.parse import parse_program, program_cost
from dsp.listen.plan import Plan
from dsp.listen.play import PAUSE_RAMP, envelope, play
from dsp.listen.program import Program, ProgramError
from dsp.listen.render import Span, granules_needed, prepare, render, render_batch
from dsp.listen.settled import settled
from dsp.listen.sources import POOL_SIZE, pool_seed
from dsp.listen.stations import GranuleCache, GranuleKey

__all__ = [
    "ENGINE",
    "GRANULE",
    "LAST_SEED",
    "LOOKAHEAD",
    "PAUSE_RAMP",
    "POOL_SIZE",
    "QUANTUM",
    "RATE_HZ",
    "Change",
    "GranuleCache",
    "GranuleKey",
    "Instance",
    "ParamSpec",
    "Plan",
    "Program",
    "ProgramError",
    "Span",
    "end_change",
    "envelope",
    "fold",
    "granules_needed",
    "is_binaural",
    "loop_change",
    "media_map",
    "open_instance",
    "param_change",
    "param_specs",
    "parse_program",
    "pause_change",
    "play",
    "play_change",
    "pool_seed",
    "prepare",
    "program_cost",
    "render",
    "render_batch",
    "seek_change",
    "settled",
    "station_layers",
    "values_at",
]
