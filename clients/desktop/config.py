"""What the listener keeps between two runs, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Config:
    """Tokens by server, and what was played last."""

    path: Path

    def token_of(self, server: str) -> str | None:
        """The guest token that this server gave."""
        found = self._read().get("tokens", {}).get(server)
        return found if isinstance(found, str) else None

    def keep_token(self, server: str, token: str | None) -> None:
        """Keep a token, or forget it."""
        tokens = {**self._read().get("tokens", {}), server: token}
        self._write(tokens={name: value for name, value in tokens.items() if value is not None})

    @property
    def last_preset(self) -> str | None:
        """What was played last."""
        found = self._read().get("preset")
        return found if isinstance(found, str) else None

    @property
    def volume(self) -> int | None:
        """How loud that was, per cent."""
        found = self._read().get("volume")
        return found if isinstance(found, int) and 0 <= found <= 100 else None

    def keep_last(self, preset: str, volume: int) -> None:
        """Remember what was played."""
        self._write(preset=preset, volume=volume)

    @property
    def settings(self) -> dict[str, str]:
        """Flags that were kept for every time."""
        found = self._read().get("settings")
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a flag; an empty value forgets it."""
        settings = {**self.settings, name: value}
        self._write(settings={name: value for name, value in settings.items() if value})

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, **news: object) -> None:
        """Replace the file as a whole: another listener may write at the same time."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w") as file:
            json.dump({**self._read(), **news}, file)
        fresh.replace(self.path)


def own_config() -> Config:
    """The file of whoever runs this."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Config(Path(base) / "soundwell" / "listener.json")


def control_folder() -> Path:
    """Where running players listen for `soundwell ctl`."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base) / "soundwell" if base else Path(f"/tmp/soundwell-{os.getuid()}")  # noqa: S108 - made 0700, and checked
