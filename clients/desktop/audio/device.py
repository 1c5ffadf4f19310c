"""The sound card, by PortAudio. The only file that touches sounddevice, and only when it is used."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.audio.sinks import RATE_HZ
from clients.desktop.errors import NoSoundCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.desktop.audio.ring import Samples

_LATENCY_S: Final = 0.05
WITHOUT: Final = "Without a sound card: --null counts the frames, --record FILE.wav keeps them."


@dataclass(frozen=True, slots=True)
class Device:
    """One way out of this machine."""

    index: int
    name: str
    channels: int
    latency_ms: float
    is_default: bool


class DeviceSink:
    """Plays on a device, by number or by part of its name; the default one where none is named."""

    def __init__(self, device: str | None) -> None:
        self.dropouts = 0
        self._sounddevice = _portaudio()
        self._device = int(device) if device is not None and device.isdigit() else device
        self._stream: Any = None

    def start(self, pull: Callable[[int], Samples]) -> None:
        """Open the device; raises NoSoundCard."""

        def callback(out: Samples, frames: int, _: object, status: Any) -> None:
            if status.output_underflow:
                self.dropouts += 1
            out[:] = pull(frames)

        try:
            self._stream = self._sounddevice.OutputStream(
                samplerate=RATE_HZ,
                channels=2,
                dtype="float32",
                device=self._device,
                latency=_LATENCY_S,
                callback=callback,
            )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            asked = "no sound card" if self._device is None else f'"{self._device}"'
            raise NoSoundCard(
                f"Cannot play on {asked}: {error}. `soundwell devices` lists what there is. {WITHOUT}"
            ) from error

    async def stop(self) -> None:
        """Let what was handed over be heard, and close."""
        if self._stream is not None:
            self._stream.stop()
            self._stream.close()


def list_devices() -> tuple[Device, ...]:
    """The devices that can play; raises NoSoundCard where PortAudio is missing."""
    sounddevice = _portaudio()
    default = sounddevice.default.device[1]
    return tuple(
        Device(
            index,
            found["name"],
            found["max_output_channels"],
            found["default_low_output_latency"] * 1000,
            index == default,
        )
        for index, found in enumerate(sounddevice.query_devices())
        if found["max_output_channels"] > 0
    )


def _portaudio() -> Any:
    """The module, which loads the library when it is imported."""
    try:
        return importlib.import_module("sounddevice")
    except ModuleNotFoundError as error:
        raise NoSoundCard(
            f"Playing needs the Python package sounddevice: pip install 'soundwell[client]'. {WITHOUT}"
        ) from error
    except OSError as error:
        raise NoSoundCard(f"Playing needs PortAudio: {_package(sys.platform)}. {WITHOUT}") from error


def _package(platform: str) -> str:
    """How PortAudio is installed; the wheels for the other systems bring it along."""
    if platform.startswith("linux"):
        return (
            "apt install libportaudio2 (Debian, Ubuntu), dnf install portaudio (Fedora), pacman -S portaudio"
        )
    return "pip install --force-reinstall sounddevice"
