"""What moves, what stands still, and that nothing flickers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

_COUNT = """() => {
  window.strokes = 0;
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...path) { window.strokes += 1; return stroke.apply(this, path); };
}"""
_FRAMES = "(count) => new Promise((done) => { const next = () => (count-- > 0 ? requestAnimationFrame(next) : done()); next(); })"
_PICTURES = "() => [...document.querySelectorAll('canvas.rings, canvas.shore')].map((canvas) => canvas.toDataURL())"

_FLICKER = """async (rate_hz) => {
  const { Spectrum } = await import("/web/draw/spectrum.js");
  const spectrum = new Spectrum();
  let time_s = 0;
  const beating = {
    fftSize: 0,
    context: { sampleRate: 48000 },
    getFloatFrequencyData: (bins) => bins.fill(-55 + 12 * Math.sin(2 * Math.PI * rate_hz * time_s)),
    getFloatTimeDomainData: (samples) => samples.fill(0),
  };
  const seen = [];
  for (; time_s < 20; time_s += 1 / 60) {
    spectrum.read(beating, 1 / 60);
    if (time_s > 10) seen.push(spectrum.levels[30]);
  }
  return Math.max(...seen) - Math.min(...seen);
}"""


def test_playing_moves_and_pause_stands_still(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        assert strokes(screen) > 0
        screen.page.click(".well-disc")
        screen.page.evaluate(_FRAMES, 60)
        assert strokes(screen) == 0


def test_a_finished_session_draws_no_frame(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(position_s=120, remaining_s=0)
        screen.end("completed")
        screen.page.evaluate(_FRAMES, 150)
        assert strokes(screen) == 0


def test_a_hidden_page_draws_no_frame(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        assert strokes(screen) == 0


def test_reduced_motion_draws_nothing_that_moves(live: Theatre) -> None:
    with live.open(reduced_motion="reduce") as screen:
        screen.begin()
        screen.page.wait_for_selector(".well-time:has-text('24:5')")
        screen.page.evaluate("(limit) => new Promise((done) => { const look = () => document.querySelector('sw-shell').player.state.position_s > limit ? done() : setTimeout(look, 50); look(); })", 3.5)
        first: list[Any] = screen.page.evaluate(_PICTURES)
        before = screen.text(".well-time")
        screen.page.wait_for_selector(f".well-time:not(:has-text('{before}'))")
        assert screen.page.evaluate(_PICTURES) == first
        assert screen.page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("rate_hz", [4, 10, 16, 40])
def test_the_picture_does_not_know_the_modulation(posed: Theatre, rate_hz: int) -> None:
    with posed.open() as screen:
        swing = screen.page.evaluate(_FLICKER, rate_hz)
        assert swing < 0.05  # of the shore's reach: under 2 px of 196


def strokes(screen: Screen) -> int:
    """Lines drawn on any canvas during half a second of frames."""
    screen.page.evaluate(_COUNT)
    screen.page.evaluate(_FRAMES, 30)
    count: int = screen.page.evaluate("window.strokes")
    return count
