/** Draws at most `rate_hz` times a second, and not at all while the page is hidden or nobody asked. */
export class FrameLoop {
  #request = 0;
  #last_ms = 0;
  #wanted = false;

  /** @param {(step_s: number) => void} draw @param {number} rate_hz */
  constructor(draw, rate_hz) {
    this.draw = draw;
    this.interval_ms = 1000 / rate_hz - 4;
    document.addEventListener("visibilitychange", () => this.#arrange());
  }

  /** @param {boolean} wanted */
  run(wanted) {
    this.#wanted = wanted;
    this.#arrange();
  }

  #arrange() {
    const moving = this.#wanted && !document.hidden;
    if (moving && this.#request === 0) {
      this.#last_ms = performance.now();
      this.#request = requestAnimationFrame((now_ms) => this.#frame(now_ms));
    } else if (!moving && this.#request !== 0) {
      cancelAnimationFrame(this.#request);
      this.#request = 0;
    }
  }

  /** @param {number} now_ms */
  #frame(now_ms) {
    this.#request = requestAnimationFrame((next_ms) => this.#frame(next_ms));
    const step_ms = now_ms - this.#last_ms;
    if (step_ms < this.interval_ms) return;
    this.#last_ms = now_ms;
    this.draw(Math.min(step_ms, 250) / 1000);
  }
}

/** @returns {boolean} whether this person asked for stillness, or for words instead of drawings */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches || document.documentElement.hasAttribute("data-plain");
}
