"""sounddevice is an extra, and machines that test have no sound card: a module of ours stands for it."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from clients.desktop.audio.device import DeviceSink, _package, list_devices
from clients.desktop.errors import NoSoundCard

if TYPE_CHECKING:
    from clients.desktop.audio.ring import Samples


class PortAudioError(Exception):
    pass


class Stream:
    """An output stream that plays three blocks as soon as it is started."""

    opened: list[Stream] = []  # noqa: RUF012 - what a test looks at afterwards

    def __init__(self, **options: Any) -> None:
        if options["device"] == "nowhere":
            raise ValueError("No output device matching 'nowhere'")
        if options["device"] == 7:
            raise PortAudioError("Device unavailable")
        self.options = options
        self.played: list[Samples] = []
        self.is_open = True
        self.opened.append(self)

    def start(self) -> None:
        for number in range(3):
            out = np.zeros((480, 2), np.float32)
            self.options["callback"](out, 480, None, types.SimpleNamespace(output_underflow=number == 1))
            self.played.append(out)

    def stop(self) -> None:
        """Lets what was handed over be heard."""

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = types.ModuleType("sounddevice")
    module.PortAudioError = PortAudioError
    module.OutputStream = Stream
    module.default = types.SimpleNamespace(device=(0, 2))
    module.query_devices = lambda: [
        {"name": "Microphone", "max_output_channels": 0, "default_low_output_latency": 0.0},
        {"name": "Speakers", "max_output_channels": 2, "default_low_output_latency": 0.012},
        {"name": "Headphones", "max_output_channels": 2, "default_low_output_latency": 0.008},
    ]
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    Stream.opened.clear()


def ones(frames: int) -> Samples:
    return np.ones((frames, 2), np.float32)


@pytest.mark.usefixtures("portaudio")
async def test_it_plays_at_48_khz_and_counts_what_came_too_late() -> None:
    sink = DeviceSink("1")
    sink.start(ones)
    (stream,) = Stream.opened
    assert (stream.options["samplerate"], stream.options["channels"], stream.options["device"]) == (
        48_000,
        2,
        1,
    )
    assert (np.concatenate(stream.played) == 1).all()
    assert sink.dropouts == 1
    await sink.stop()
    assert not stream.is_open


@pytest.mark.usefixtures("portaudio")
@pytest.mark.parametrize(("device", "said"), [("nowhere", '"nowhere"'), ("7", "Device unavailable")])
def test_a_device_that_is_not_there_is_told(device: str, said: str) -> None:
    with pytest.raises(NoSoundCard, match=said) as told:
        DeviceSink(device).start(ones)
    assert told.value.status == 6
    assert "--null" in str(told.value)


@pytest.mark.usefixtures("portaudio")
def test_only_what_can_play_is_listed() -> None:
    assert [(one.index, one.name, one.is_default) for one in list_devices()] == [
        (1, "Speakers", False),
        (2, "Headphones", True),
    ]


def test_without_the_package_it_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(NoSoundCard, match=r"pip install 'soundwell\[client\]'.*--null.*--record"):
        list_devices()


def test_without_portaudio_it_says_which_package_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(NoSoundCard, match="needs PortAudio"):
        DeviceSink(None)
    assert "apt install libportaudio2" in _package("linux")
    assert "sounddevice" in _package("darwin")
