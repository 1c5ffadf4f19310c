"""How exact the sound is: the rows of the engine's table, measured on rendered samples, beside its peers.

`scripts/bench accuracy [--quick]`. SBaGen's and SBaGenX's figures are quoted from measurements of those
programs; sox's synth, binaural-generator (from PyPI, in its own environment) and plain numpy are run here
where they can be had. The last line is one JSON object.
"""

import argparse
import hashlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.listen import (
    GranuleCache,
    Instance,
    Span,
    end_change,
    open_instance,
    param_change,
    parse_program,
    pause_change,
    play,
    play_change,
    prepare,
    render,
    render_batch,
    seek_change,
)
from dsp.listen.program import RECIPES
from dsp.listen.sources import POOL_SIZE
from tests.bench.tools import knobs, peers, signals
from tests.bench.tools.report import NOBODY, Row, print_report, row
from tests.dsp.music.acceptance import HELD_OUT, worst_checks

Samples = NDArray[np.floating]
ROOT: Final = Path(__file__).parents[2]
RATE: Final = signals.RATE_HZ
MINUTE: Final = 60 * RATE
FAR_S: Final = 1_800_000_000
LIVE_FRAME: Final = 960 * 10_000_000
CACHE: Final = GranuleCache()
SBAGEN: Final = "SBaGen 1.4.5"
SBAGENX: Final = "SBaGenX"


def instance_of(layers: dict[str, Any], modulation: dict[str, Any] | None = None) -> Instance:
    """An instance of a program with these layers."""
    program: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    if modulation is not None:
        program["modulation"] = modulation
    return open_instance(parse_program(program), seed=1, live_frame=LIVE_FRAME)


def tones(*voices: tuple[object, object], kind: str = "binaural", level: float = 100) -> dict[str, Any]:
    """Layers with these (carrier_hz, beat_hz)."""
    return {
        "tones": {
            "kind": kind,
            "level": level,
            "voices": [{"carrier_hz": carrier, "beat_hz": beat} for carrier, beat in voices],
        }
    }


def at_minus_20_dbfs(instance: Instance) -> Instance:
    """The instance with its first second's peak at -20 dBFS."""
    peak = signals.peak_dbfs(render(instance, 0, RATE, CACHE))
    return replace(instance, gain_db=instance.gain_db - 20.0 - peak)


def frequency_rows() -> Iterator[Row]:
    """Carrier and beat over 60 s; peers by the same estimator."""
    sound = render(instance_of(tones((200.0, 10.0))), 0, MINUTE)
    others = {name: frequency_errors_hz(*ears) for name, ears in peers.steady(60.0).items()}
    ours = frequency_errors_hz(sound[:, 0], sound[:, 1])
    for i, (what, sbagen) in enumerate((("carrier", "4e-5"), ("beat", "1e-5"))):
        beside = {SBAGEN: sbagen, SBAGENX: "1e-11"} | {name: f"{e[i]:.1e}" for name, e in others.items()}
        yield row(f"{what} frequency error over 60 s", ours[i], "Hz", 1e-6, beside)


def frequency_errors_hz(high: Samples, low: Samples) -> tuple[float, float]:
    """Errors of carrier and beat of tones at 205 and 195 Hz."""
    above, below = signals.frequency_error_hz(high, 205.0), signals.frequency_error_hz(low, 195.0)
    return abs(0.5 * (above + below)), abs(above - below)


def glide_rows() -> Iterator[Row]:
    """Beat error and end phase of a glide from 10 to 4 Hz in 60 s."""
    sound = render(instance_of(tones((200.0, [[0, 10], [60, 4]]))), 0, MINUTE)
    beat_hz, end = glide_errors(sound[:, 0], sound[:, 1])
    errors = {SBAGEN: ("7e-3", ".107"), SBAGENX: ("0", "0")}
    for name, ears in peers.gliding(60.0).items():
        peer_hz, peer_end = glide_errors(*ears, is_centred=peers.moves_both_ears(name))
        errors[name] = f"{peer_hz:.1e}", f"{peer_end:.1e}"
    for i, (what, figure, unit) in enumerate(
        (("greatest beat error", beat_hz, "Hz"), ("end phase", end, "cycle"))
    ):
        beside = {name: pair[i] for name, pair in errors.items()}
        yield row(f"10 to 4 Hz in 60 s: {what}", figure, unit, 1e-3, beside)


def glide_errors(high: Samples, low: Samples, *, is_centred: bool = True) -> tuple[float, float]:
    """(greatest beat error in Hz, error of the beat's phase at the end) of a beat from 10 to 4 Hz in 60 s.

    The tones lie at 200 Hz ± half the beat, or at 195 Hz and above it.
    """
    t = np.arange(high.size) / RATE
    beat = 10.0 * t - 0.05 * t * t
    block = RATE // 2
    lower = 200.0 * t - beat / 2 if is_centred else 195.0 * t
    drift = signals.demodulated(high, lower + beat, block) - signals.demodulated(low, lower, block)
    return float(np.abs(np.diff(drift)).max() * RATE / block), float(abs(drift[-1] - drift[0]))


def phase_row() -> Row:
    """Phase of both ears after 8 h against rational arithmetic."""
    start = 8 * 3600 * RATE
    sound = render(instance_of(tones((200.1, 10.3))), start, RATE)
    worst = 0.0
    for ear, freq_hz in ((0, 200.1 + 5.15), (1, 200.1 - 5.15)):
        cycles = signals.exact_cycles(freq_hz, start) + freq_hz * np.arange(RATE) / RATE
        worst = max(worst, abs(float(signals.demodulated(sound[:, ear], cycles, RATE)[0])))
    return row("phase after 8 h", worst, "cycle", 1e-6, {SBAGEN: "1.2"})


def purity_rows() -> Iterator[Row]:
    """SFDR and SNR of one voice in float; peers by the same window."""
    others = {name: signals.purity_db(high) for name, (high, _) in peers.steady(11.0).items()}
    spurs = {SBAGEN: "84", SBAGENX: "168"} | {name: f"{pair[0]:.0f}" for name, pair in others.items()}
    noise = {SBAGEN: "78", SBAGENX: "135"} | {name: f"{pair[1]:.0f}" for name, pair in others.items()}
    yield from purity_of_ours(spurs, noise)


def purity_of_ours(spurs: Mapping[str, str] = NOBODY, noise: Mapping[str, str] = NOBODY) -> Iterator[Row]:
    """SFDR and SNR of a steady voice."""
    sfdr, snr = signals.purity_db(render(instance_of(tones((200.0, 10.0))), 0, 1 << 19)[:, 0])
    yield row("SFDR, float", sfdr, "dB", 140.0, spurs, at_least=True)
    yield row("SNR, float", snr, "dB", 130.0, noise, at_least=True)


def noise_rows(*, seconds: int) -> Iterator[Row]:
    """Slope of each colour that has one, and the greatest residual of third octaves."""
    slopes = {"white": 0.0, "pink": -3.0103, "brown": -6.0206, "blue": 3.0103, "violet": 6.0206}
    # a third octave at 40 Hz holds few independent values: the length sets what chance leaves
    for color, wanted in slopes.items():
        noise = instance_of({"noise": {"kind": "noise", "color": color, "level": 100}})
        slope, residual = signals.noise_slope(render(noise, 0, seconds * RATE)[:, 0])
        peers = {SBAGEN: ".14", SBAGENX: ".11"}
        yield row(f"{color} noise: slope error", abs(slope - wanted), "dB/oct", 0.05, peers)
        yield row(f"{color} noise: residual", residual, "dB", 0.2, {SBAGEN: ".33", SBAGENX: ".73"})


def loop_row(*, hours: float) -> Row:
    """One second of white noise against all that follows.

    White, because chance alone makes seconds of pink noise more alike than .1: within 3 h they come to .12.
    """
    noise = instance_of({"noise": {"kind": "noise", "color": "white", "level": 100}})
    plan = prepare(noise)
    second = render(plan, 0, RATE)[:, 0]

    def later(i: int) -> NDArray[np.float32]:
        return render(plan, RATE + i * 10 * RATE, 10 * RATE)[:, 0]

    alike = signals.most_alike(second, later, round(hours * 360))
    return row(f"no loop: 1 s against the next {hours:g} h", alike, "", 0.1, {SBAGEN: "1.000 at 760.87 s"})


CLICK_TONES: Final = ((200.0, 10.0), (435.0, 10.0))


def click_rows() -> Iterator[Row]:
    """Peak behind the high-pass around every kind of change, on tones at -20 dBFS."""
    for what, sound in clicked_sounds():
        peers = {SBAGEN: "-28", SBAGENX: "-130"}
        yield row(f"click: {what}", signals.click_dbfs(sound), "dBFS", -100.0, peers)


def clicked_sounds() -> Iterator[tuple[str, NDArray[np.float32]]]:
    """(what happens, what is heard around it)."""
    start = at_minus_20_dbfs(instance_of(tones(*CLICK_TONES)))
    at = 30_123
    knobs: dict[str, dict[str, float | str]] = {
        "level 100 to 0": {"tones.level": 0.0},
        "carrier 200 to 300 Hz": {"tones.carrier_hz": 300.0},
        "beat 10 to 30 Hz": {"tones.beat_hz": 30.0},
        "loudness -6 dB": {"output.gain_db": -6.0},
    }
    for what, patch in knobs.items():
        yield f"knob, {what}", _heard(param_change(start, at, patch, 1440).instance)
    turned = start
    for i in range(8):
        turned = param_change(turned, at + 700 * i, {"tones.level": 100.0 - 10 * i}, 1440).instance
    yield "knob, turned for 120 ms", _heard(turned)
    gliding = at_minus_20_dbfs(instance_of(tones((200.0, [[0, 10], [2, 40]]), ([[0, 300], [2, 435]], 10.0))))
    patch = {"tones.beat_hz": 20.0, "tones.carrier_hz": 210.0}
    yield "knob, on a glide", _heard(param_change(gliding, at, patch, 1440).instance)
    yield "seek", _heard(seek_change(start, at, 7_000_123).instance)
    paused = pause_change(start, at).instance
    yield "pause and play", _heard(play_change(paused, at + 14_400).instance, 80_000)
    fades = [(20_000, 0.0), (21_440, 1.0), (40_000, 1.0), (41_440, 0.0)]
    yield "start and stop in 30 ms", _heard(end_change(start, 0, 1, 41_440, fades).instance)


def _heard(instance: Instance, end: int = 60_000) -> NDArray[np.float32]:
    return play(instance, 0, end, CACHE)


def knob_rows() -> Iterator[Row]:
    """Every address of every kind of layer: the worst of its way to either end of its range."""
    for what, error_dbfs in knobs.worst_errors():
        yield row(f"knob: {what}", error_dbfs, "dBFS", -100.0, NOBODY)


def modulation_rows(*, seconds: int = 60) -> Iterator[Row]:
    """Depth and rate of AM, read from the gain between modulated and plain noise."""
    noise = {"noise": {"kind": "noise", "color": "white", "level": 60}}
    plain = render(instance_of(noise), 0, seconds * RATE, CACHE)[:, 0].astype(np.float64)
    steady = {"rate_hz": 10, "depth": 45}
    modulated = render(instance_of(noise, steady), 0, seconds * RATE, CACHE)[:, 0]
    heard = np.abs(plain) > 0.3 * plain.std()
    gain = np.where(heard, modulated / np.where(heard, plain, 1.0), np.nan)
    depth = 1.0 - float(np.nanmin(gain) / np.nanmax(gain))
    yield row("AM depth: relative error", abs(depth / 0.45 - 1.0) * 100.0, "%", 1.0, {})
    swing = np.where(heard, gain - np.nanmean(gain), 0.0)
    error = signals.frequency_error_hz(swing, 10.0)
    yield row(f"AM rate: error over {seconds} s", abs(error), "Hz", 1e-4, {})


def isochronic_rows() -> Iterator[Row]:
    """Duty and rise of pulses, read from the samples where the carrier is at its crests."""
    for law in ("hard", "linear", "raised_cosine"):
        duty_error, rise_error_ms = pulse_errors(law)
        yield row(f"isochronic {law}: duty error", duty_error, "% of a cycle", 1.0, {})
        yield row(f"isochronic {law}: rise (10-90 %) error", rise_error_ms, "ms", 0.2, {})


def pulse_errors(law: str) -> tuple[float, float]:
    """Errors of duty (% of a cycle, at half height plus half the edges) and of the 10 to 90 % rise (ms)."""
    rate_hz, duty, attack, carrier_hz = 5.0, 0.4, 0.25, 1000.0
    layer = {
        "kind": "isochronic",
        "carrier_hz": carrier_hz,
        "rate_hz": rate_hz,
        "law": law,
        "duty": duty,
        "attack": attack,
        "release": attack,
        "level": 100,
    }
    sound = render(instance_of({"iso": layer}), 0, RATE, CACHE)[:, 0].astype(np.float64)
    t_ms = np.arange(RATE) / 48.0
    carrier = np.sin(2.0 * np.pi * carrier_hz * t_ms / 1000.0)
    heard = np.abs(carrier) > 0.5
    height, time = (sound / np.where(heard, carrier, 1.0))[heard], t_ms[heard]
    height /= height.max()
    # the second cycle, from 200 to 400 ms
    cycle = (time > 200.0) & (time < 400.0)
    height, time = height[cycle], time[cycle]
    top = int(np.flatnonzero(height > 0.999)[0])
    rise = {share: float(np.interp(share, height[: top + 1], time[: top + 1])) for share in (0.1, 0.5, 0.9)}
    last = int(np.flatnonzero(height > 0.5)[-1])
    fall = float(np.interp(-0.5, -height[last : last + 2], time[last : last + 2]))
    edge_ms = 2.0 if law == "hard" else attack * duty * 1000.0 / rate_hz
    wanted = 0.8 if law == "linear" else 2.0 / math.pi * math.asin(0.8)
    width_ms = fall - rise[0.5] + edge_ms
    return abs(width_ms * rate_hz / 1000.0 - duty) * 100.0, abs(rise[0.9] - rise[0.1] - wanted * edge_ms)


def ceiling_rows(*, seconds: int = 20) -> Iterator[Row]:
    """Sixteen voices with every slider at its end."""
    voices = [(100.0 + 53.0 * i, 4.0 + i) for i in range(16)]
    loud = instance_of(tones(*voices, kind="monaural"))
    loud = param_change(loud, 0, {"output.gain_db": 6.0}, 480).instance
    for what, instance in (
        ("16 voices at 100 %", loud),
        ("and 12 dB more", replace(loud, gain_db=loud.gain_db + 12)),
    ):
        sound = render(instance, 0, seconds * RATE)
        peers = {SBAGEN: "wraps", SBAGENX: "clips"}
        yield row(f"{what}: true peak", signals.true_peak_dbtp(sound), "dBTP", -1.0, peers)
        packet = render_batch([Span(prepare(instance), 0, seconds * RATE)], CACHE, "s16", 0)[0].view(np.int16)
        apart = np.abs(packet.reshape(-1, 2) / 32768.0 - sound).max() * 32768.0
        yield row(f"{what}: int16 against float", float(apart), "steps", 1.51, {})


def music_rows(*, quick: bool) -> Iterator[Row]:
    """The acceptance table of beds and textures, each figure of the worst station.

    First of the stations that listeners hear, then of some that no recipe was tuned on.
    """
    groups = {"": (0,)} if quick else {"": tuple(range(POOL_SIZE)), " (held out)": HELD_OUT}
    for kind, names in RECIPES.items():
        for name, (group, seeds) in product(names, groups.items()):
            for check in worst_checks(f"{kind}:{name}", seeds=seeds, excerpts=20 if quick else 100):
                goal = f"{check.low:g} to {check.high:g}"
                yield Row(f"{name}{group}: {check.what}", check.figure, "", goal, check.is_met)


def exactness_rows() -> Iterator[Row]:
    """Granules far from the epoch in another order and process, with another number of BLAS threads."""
    for threads in ("1", "2"):
        orders = [_granule_hashes(threads, step) for step in (1, -1)]
        differences = sum(one != other for one, other in zip(*orders, strict=True))
        yield Row(
            f"granules at 1.8e9 s, {threads} BLAS threads", differences, "differences", "0", not differences
        )


def _granule_hashes(threads: str, step: int) -> list[str]:
    code = (
        "import hashlib\nfrom dsp.listen.sources import RECIPES, granule\nfor recipe in RECIPES:\n"
        f"    made = {{second: granule(recipe, 1, {FAR_S} + second) for second in range(5)[::{step}]}}\n"
        "    for second in range(5): print(hashlib.sha256(made[second].tobytes()).hexdigest())"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.split()


def equality_rows() -> Iterator[Row]:
    """Block split, batch, tile, seek and process: bits that differ."""
    layers = tones((200.0, 10.0), (310.0, 7.0)) | {"noise": {"kind": "noise", "color": "pink", "level": 60}}
    instance = instance_of(layers, {"rate_hz": [[0, 10], [120, 16]], "depth": 45})
    instance = param_change(instance, 31_000, {"noise.level": 80.0, "am.depth": 75.0}, 1440).instance
    plan, frames = prepare(instance), 2 * RATE
    whole = render(plan, 0, frames, CACHE)
    for block_ms in (5, 20, 100):
        block = block_ms * 48
        parts = [render(plan, pos, block, CACHE) for pos in range(0, frames, block)]
        yield _equal(f"blocks of {block_ms} ms", whole, np.concatenate(parts))
    batch = render_batch([Span(plan, 0, 4800)] * 1000, CACHE, "f32", 24)
    yield _equal("a batch of 1000", whole[:4800].tobytes(), batch[-1][24:].tobytes())
    yield _equal("seek, then render", whole[70_000:], render(plan, 70_000, frames - 70_000))
    code = "import json, sys; from dsp.listen import Instance, render\n"
    code += "one = Instance.from_json(json.load(sys.stdin))\n"
    code += f"print(__import__('hashlib').sha256(render(one, 0, {frames}).tobytes()).hexdigest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(instance.to_json()),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    yield _equal("another process", hashlib.sha256(whole.tobytes()).hexdigest(), done.stdout.strip())


def main() -> None:
    """Measure, print each row, and last one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    quick_help = "5 minutes of noise instead of 20 and 3 h, one station of each recipe instead of six"
    options.add_argument("--quick", action="store_true", help=quick_help)
    quick = options.parse_args().quick
    print_report("accuracy", _rows(quick=quick))


def _rows(*, quick: bool) -> Iterator[Row]:
    yield from frequency_rows()
    yield from glide_rows()
    yield phase_row()
    yield from purity_rows()
    yield from noise_rows(seconds=300 if quick else 1200)
    yield loop_row(hours=0.1 if quick else 3.0)
    yield from click_rows()
    yield from knob_rows()
    yield from modulation_rows()
    yield from isochronic_rows()
    yield from ceiling_rows()
    yield from music_rows(quick=quick)
    yield from exactness_rows()
    yield from equality_rows()


def _equal(what: str, one: object, other: object) -> Row:
    """A row that is met when both are the same, bit for bit."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        same = one.tobytes() == other.tobytes()
    else:
        same = one == other
    return Row(f"bit-equal: {what}", float(not same), "differences", "0", same)


if __name__ == "__main__":
    main()
