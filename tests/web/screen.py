"""The page as a test handles it: what it shows and what it can be told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"

_PROBE = "async ([name, argument]) => (await import('/page-units/probes.js'))[name](argument)"
_POSE = "(change) => document.querySelector('sw-shell').player.pose(change)"


class Screen:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def probe(self, name: str, argument: object = None) -> Any:
        """What a function of `probes.js` finds in the page."""
        return self.page.evaluate(_PROBE, [name, argument])

    def begin(self, preset: str = "focus") -> None:
        """Press a well or a chip, and wait for the well of the session to stand."""
        self.page.click(f'[data-preset="{preset}"]')
        self.page.wait_for_selector("sw-timer-ring")
        self.settle()

    def settle(self) -> None:
        """Wait for entrances and exits to be over."""
        self.probe("settled")

    def pose(self, **change: Any) -> None:
        """Put the posed player into a state."""
        self.page.evaluate(_POSE, change)

    def end(self, reason: str) -> None:
        """End the posed session."""
        self.page.evaluate("(reason) => document.querySelector('sw-shell').player.end(reason)", reason)
        self.page.wait_for_selector("sw-ending")
        self.settle()

    def state(self, name: str) -> Any:
        """One field of the player's state."""
        return self.page.evaluate("(name) => document.querySelector('sw-shell').player.state[name]", name)

    def calls(self) -> list[list[Any]]:
        """What the page asked of the posed player."""
        calls: list[list[Any]] = self.page.evaluate("document.querySelector('sw-shell').player.calls")
        return calls

    def until(self, expression: str) -> None:
        """Wait for what no element tells; the page's own policy forbids `wait_for_function`."""
        for _ in range(500):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(expression)

    def text(self, selector: str) -> str:
        """What is written there, with plain spaces."""
        return " ".join(self.page.inner_text(selector).split())

    def focused(self) -> str:
        """Name of the element that has the focus."""
        name: str = self.page.evaluate(
            "((one) => one.getAttribute('aria-label') ?? (one.labels?.[0] ?? one).innerText)"
            "(document.activeElement)"
        )
        return " ".join(name.split())

    def reach(self, name: str) -> None:
        """Tab until what has this name has the focus."""
        for _ in range(80):
            if self.focused() == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {name}")

    def serious_problems(self) -> list[str]:
        """What axe-core finds that is serious or critical."""
        self.page.evaluate(AXE.read_text())
        problems: list[str] = self.probe("serious")
        return problems

    def overflow_px(self) -> int:
        """By how much the page scrolls sideways."""
        overflow: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return overflow
