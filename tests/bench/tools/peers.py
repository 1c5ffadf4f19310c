"""Other programs that make binaural tones, run here where they can be had."""

import os
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Ears = tuple[Doubles, Doubles]
"""The higher and the lower tone."""

RATE: Final = 48_000
CARRIER_HZ: Final = 200.0
PACKAGE: Final = "binaural-generator>=0.6,<0.7"
GENERATOR: Final = "binaural-generator"
_SOX: Final = ("sox", "-n", "-r", "48000", "-c", "2", "-e", "float", "-b", "32", "-t", "raw")
_CODE: Final = """
import sys, numpy as np
from binaural_generator.core.data_types import Tone
from binaural_generator.core.tone_generator import generate_tone
path, base, start, end, seconds = sys.argv[1], *map(float, sys.argv[2:])
left, right = generate_tone(48000, seconds, Tone(base, start, end))
np.save(path, np.stack([right, left]))
"""


def steady(seconds: float) -> Mapping[str, Ears]:
    """205 and 195 Hz from each peer."""
    return _each(10.0, 10.0, seconds)


def gliding(seconds: float) -> Mapping[str, Ears]:
    """A beat from 10 to 4 Hz from each peer; see `lower_hz` for the tone that it stands on."""
    return _each(10.0, 4.0, seconds)


def moves_both_ears(peer: str) -> bool:
    """Whether carrier ± half the beat sound; else the lower tone stands still and the higher one moves."""
    return peer != GENERATOR


def _each(start_hz: float, end_hz: float, seconds: float) -> dict[str, Ears]:
    found = {"numpy": _numpy(start_hz, end_hz, seconds)}
    if shutil.which("sox"):
        found["sox synth"] = _sox(start_hz, end_hz, seconds)
    python = _generator_python()
    if python is not None:
        found[GENERATOR] = _generator(python, start_hz, end_hz, seconds)
    return found


def _numpy(start_hz: float, end_hz: float, seconds: float) -> Ears:
    """What a careful programmer writes in two lines: a running sum of frequency in float64."""
    beat_hz = np.linspace(start_hz, end_hz, round(seconds * RATE), endpoint=False)
    high, low = (
        np.sin(
            2.0
            * np.pi
            * (np.cumsum(CARRIER_HZ + sign * beat_hz / 2) - CARRIER_HZ - sign * beat_hz[0] / 2)
            / RATE
        )
        for sign in (1.0, -1.0)
    )
    return high.astype(np.float32).astype(np.float64), low.astype(np.float32).astype(np.float64)


def _sox(start_hz: float, end_hz: float, seconds: float) -> Ears:
    """Sox's synthesiser in 32-bit float, its linear sweep where the tones move."""

    def sweep(sign: float) -> str:
        first, last = CARRIER_HZ + sign * start_hz / 2, CARRIER_HZ + sign * end_hz / 2
        return f"{first:g}" if first == last else f"{first:g}:{last:g}"

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tones.f32")
        subprocess.run(
            [*_SOX, str(path), "synth", f"{seconds:g}", "sine", sweep(1.0), "sine", sweep(-1.0)],
            check=True,
        )
        both = np.fromfile(path, dtype="<f4").astype(np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _generator(python: Path, start_hz: float, end_hz: float, seconds: float) -> Ears:
    lower_hz = CARRIER_HZ - start_hz / 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tones.npy")
        arguments = [str(path), *(str(number) for number in (lower_hz, start_hz, end_hz, seconds))]
        subprocess.run([str(python), "-c", _CODE, *arguments], check=True, env=_plain_environment())
        both = np.load(path)
    return both[0], both[1]


def _generator_python() -> Path | None:
    """An environment of its own for the package, made once; None where PyPI is out of reach."""
    folder = Path(__file__).parents[3] / "build" / "peers"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # its pages want a web framework that generating tones does not
        for arguments in (["numpy", "scipy", "soundfile", "pyyaml"], ["--no-deps", PACKAGE]):
            if subprocess.run([*install, *arguments], check=False, env=_plain_environment()).returncode:
                return None
        (folder / "ready").touch()
    return python


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
