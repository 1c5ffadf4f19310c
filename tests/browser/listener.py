"""A person's page in Chromium, and the recorder that hears what reaches its destination."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from playwright.sync_api import Browser

HERE: Final = Path(__file__).parent
PLAYER: Final = "document.querySelector('sw-shell').player"
_TAP: Final = (HERE / "tap.js").read_text()


@dataclass(frozen=True, slots=True)
class Recording:
    """What reached the destination, and what the player says of it."""

    first: int
    """The context's frame at which it begins."""
    samples: NDArray[np.float32]
    """(frames, 2)"""
    log: list[dict[str, Any]]
    instance: dict[str, Any]

    def save(self, folder: Path) -> None:
        """Write it down for another process."""
        np.save(folder / "samples.npy", self.samples)
        said = {"first": self.first, "log": self.log, "instance": self.instance}
        (folder / "said.json").write_text(json.dumps(said))


class Listener:
    """One page, one guest; it stands still, for it is listened to, unless it `moves` as a person's does."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        rate_hz: int | None = None,
        waits: bool = True,
        moves: bool = False,
    ) -> None:
        self._context = browser.new_context(reduced_motion="no-preference" if moves else "reduce")
        self.page = self._context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.add_init_script(f"window.tapRate = {json.dumps(rate_hz)};\n{_TAP}")
        self.page.goto(url)
        if waits:
            self.until("s => s.connection === 'connected'")

    def do(self, expression: str, argument: object = None) -> Any:
        """Evaluate `expression` with `player` and `argument`."""
        script = f"(argument) => {{ const player = {PLAYER}; return {expression}; }}"
        return self.page.evaluate(script, argument)

    def start(self, wish: Mapping[str, object], codecs: tuple[str, ...] = ("f32",)) -> None:
        """Play, and wait for the first frame."""
        self.do("(player.codecs = argument, null)", list(codecs))
        self.do("player.start(argument)", dict(wish))
        self.until("s => s.transport === 'playing'")

    @property
    def state(self) -> dict[str, Any]:
        """What the screen may know, without the parameters."""
        found: dict[str, Any] = self.do("({...player.state, params: undefined})")
        return found

    def until(self, predicate: str, seconds: float = 60) -> None:
        """Wait until the player's state is so (asked from here: the page's policy forbids evaluated code)."""
        deadline = time.monotonic() + seconds
        while not self.do(f"({predicate})(player.state)"):
            assert time.monotonic() < deadline, f"{predicate} never came true: {self.state}"
            self.wait(0.03)

    def wait(self, seconds: float) -> None:
        """Listen on."""
        self.page.wait_for_timeout(seconds * 1000)

    def turn(self, address: str, value: float | str) -> None:
        """A knob is turned."""
        self.do("(player.set(...argument), player.gestureEnd())", [address, value])

    def recording(self) -> Recording:
        """Everything heard so far."""
        taken = self.page.evaluate("() => window.takeRecording()")
        raw = np.frombuffer(base64.b64decode(taken["samples"]), dtype="<f4")
        return Recording(
            taken["first"], raw.reshape(-1, 2), self.do("player.log"), self.do("player.instance()")
        )

    def close(self) -> None:
        """Close the page; what went wrong in it is told."""
        self._context.close()
        assert not self.problems, self.problems
