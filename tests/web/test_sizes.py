"""Widths from 320 to 2560 px, 200 % zoom, fingers, themes, and what the first load weighs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.web.screen import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Request

    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

SIZES = [(320, 800), (390, 844), (800, 1000), (1280, 800), (1600, 900), (2560, 1440)]
ZOOMED_TWICE = (640, 400)
SCREEN = ("/web/app.js", "/web/ui/", "/web/draw/", "/web/i18n/")
SCREEN_BYTES = 82_000
OWN_BYTES = 150_000
VERSION = re.compile(r"^/web/v-[0-9a-f]+/")

NEIGHBOURS = [
    ["h1", ".lead"],
    [".lead", ".wells"],
    [".wells", ".begin"],
    [".begin", ".safety"],
    ["sw-modes", "sw-timer-ring"],
    ["sw-timer-ring", "sw-timer-facts"],
    ["sw-timer-facts", "sw-more-sounds"],
    [".stage", ".controls"],
    [".well-time", ".well-name"],
    [".well-name", ".well-disc"],
    [".brand", ".connection"],
    [".transport-words", ".transport-end"],
    [".transport-words .label", ".transport-end"],
]


def test_no_width_overlaps_or_scrolls_sideways(posed: Theatre) -> None:
    with posed.open() as screen:
        for size in [*SIZES, ZOOMED_TWICE]:
            fits(screen, size)
        screen.begin()
        screen.pose(remaining_s=6000, duration_s=6000)
        for size in [*SIZES, ZOOMED_TWICE]:
            fits(screen, size)
        screen.end("completed")
        for size in [*SIZES, ZOOMED_TWICE]:
            fits(screen, size)


def test_dialogs_fit_a_small_hand(posed: Theatre) -> None:
    with posed.open(320, 800) as screen:
        screen.begin()
        for button in (0, 1, 2):
            screen.page.click(f".short-row .chip >> nth={button}")
            dialog = screen.page.locator("dialog[open]")
            dialog.wait_for()
            screen.settle()
            assert screen.overflow_px() == 0
            assert dialog.evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") == 0
            screen.page.keyboard.press("Escape")
            dialog.wait_for(state="detached")


def test_the_theme_moves_nothing(posed: Theatre) -> None:
    with posed.open() as screen:
        for _ in range(2):
            screen.settle()
            places = {}
            for theme in ("dark", "light"):
                screen.page.emulate_media(color_scheme=theme)
                places[theme] = screen.probe("places")
            assert places["dark"] == places["light"]
            if not screen.page.is_visible("sw-timer-ring"):
                screen.begin()


def test_a_finger_finds_every_control(posed: Theatre) -> None:
    with posed.open(390, 844, has_touch=True, is_mobile=True) as screen:
        assert screen.probe("small") == []
        screen.begin()
        assert screen.probe("small") == []


def test_the_ring_keeps_its_geometry(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        radii = {}
        for width, height in [(390, 844), (1280, 800), (2560, 1440)]:
            screen.page.set_viewport_size({"width": width, "height": height})
            box = screen.page.locator("sw-timer-ring").bounding_box()
            assert box
            radii[width] = round(box["width"] / 2 - 18)
    assert radii == {390: 148, 1280: 196, 2560: 344}


def test_high_contrast_and_forced_colours_keep_the_words(posed: Theatre) -> None:
    with posed.open(forced_colors="active", contrast="more") as screen:
        screen.begin()
        assert screen.text(".well-time") == "25:00"
        assert (
            screen.page.evaluate("getComputedStyle(document.querySelector('canvas.ground')).display")
            == "none"
        )
        assert screen.overflow_px() == 0


def test_the_page_asks_for_little_at_first(live: Theatre) -> None:
    loaded: dict[str, int] = {}

    def weigh(request: Request) -> None:
        path = VERSION.sub("/web/", request.url.removeprefix(live.address))
        if path.endswith(".js"):
            loaded[path] = (ROOT / "clients" / path.removeprefix("/")).stat().st_size

    with live.open() as screen:
        screen.page.on("request", weigh)
        screen.page.reload(wait_until="networkidle")
    drawn = {path: size for path, size in loaded.items() if path.startswith(SCREEN)}
    assert all(path.startswith("/web/") for path in loaded)
    assert 0 < sum(drawn.values()) <= SCREEN_BYTES, drawn
    assert "/web/net/worker.js" in loaded
    assert sum(loaded.values()) <= OWN_BYTES, loaded


def fits(screen: Screen, size: tuple[int, int]) -> None:
    """Nothing scrolls sideways, nothing lies on its neighbour."""
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert (size, screen.overflow_px()) == (size, 0)
    assert (size, screen.probe("overlapping", NEIGHBOURS)) == (size, [])
