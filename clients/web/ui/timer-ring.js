import { FrameLoop, isStill } from "../draw/loop.js";
import { onThemeChange, readPalette } from "../draw/palette.js";
import { drawRing } from "../draw/ring.js";
import { drawShore } from "../draw/shore.js";
import { Spectrum } from "../draw/spectrum.js";
import { Surface } from "../draw/surface.js";
import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { clockTime } from "./format.js";
import { setIcon } from "./icons.js";
import { Part } from "./part.js";
import { isPlain } from "./plain.js";
import { isAsleep } from "./asleep.js";

const MARKS_PX = 18;
const RATE_HZ = 20;
/** The least step of the head that is worth a drawing. */
const LEAST_PX = 0.4;
const SINK_S = 0.3;
const PAUSED = 0.4;
const STILL_AFTER_S = 3;
const SAY_EVERY_MS = 2000;

/** @typedef {ReturnType<typeof readPalette>} Palette */

/** The well: time, name and the disc in the water; around them the shore of the sound and the ring of the time. */
export class TimerRing extends Part {
  ring = new Surface(h("canvas", { "aria-hidden": "true" }));
  shore = new Surface(h("canvas", { "aria-hidden": "true", class: "shore" }));
  time = h("p", { class: "well-time", role: "timer", "aria-live": "off" });
  name = h("h1", { class: "well-name" });
  disc = h("button", { class: "disc gold well-disc", onclick: () => this.listening.toggle() });
  plain = h("p", { class: "well-plain soft" });
  loop = new FrameLoop((step_s) => this.#frame(step_s), RATE_HZ);
  spectrum = new Spectrum();
  #presence = 1;
  #stillRead = false;
  #ringDrawn = "";
  #said_ms = -Infinity;

  build() {
    this.append(this.ring.canvas, this.shore.canvas, this.time, this.name, this.disc, this.plain);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.#readTheme();
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.loop.run(false);
    });
    onThemeChange(() => {
      this.#readTheme();
      this.#draw();
    }, signal);
  }

  update() {
    const { state, preset, remaining_s } = this.listening;
    const paused = state.transport === "paused";
    const title = preset?.title ?? "";
    write(this.time, clockTime(remaining_s));
    mark(this.time, "class", remaining_s >= 3600 ? "well-time long" : "well-time");
    write(this.name, title);
    setIcon(this.disc, paused ? "play" : "pause", 32);
    mark(this.disc, "aria-label", paused ? words.transport.play(title) : words.transport.pause(title));
    mark(this.disc, "aria-keyshortcuts", "Space");
    if (isStill()) this.#stand();
    else this.loop.run(this.#isMoving(paused));
  }

  /** @param {boolean} paused */
  #isMoving(paused) {
    return !isAsleep() && (!paused || this.#presence > PAUSED);
  }

  /** Without motion: the shore as it was measured once, the arc once a second. */
  #stand() {
    this.loop.run(false);
    const { position_s, transport } = this.listening.state;
    this.#presence = transport === "paused" ? PAUSED : 1;
    if (isPlain()) this.#say();
    if (!this.#stillRead && position_s > STILL_AFTER_S) {
      this.#stillRead = true;
      this.spectrum.read(this.listening.player.analyser, Infinity);
    }
    this.#draw();
  }

  /** What the drawings show, in words. */
  #say() {
    const now_ms = performance.now();
    if (now_ms - this.#said_ms < SAY_EVERY_MS) return;
    this.#said_ms = now_ms;
    this.spectrum.read(this.listening.player.analyser, Infinity);
    const { levels, level_db } = this.spectrum;
    const { position_s } = this.listening.state;
    const played = later.plain.played(clockTime(Math.floor(position_s)), clockTime(this.listening.duration_s));
    const sound = Number.isFinite(level_db)
      ? later.plain.sound(later.plain.places[loudestThird(levels)], later.foot.level(level_db))
      : later.plain.silent;
    write(this.plain, `${played} ${sound}`);
  }

  /** @param {number} step_s */
  #frame(step_s) {
    const { transport } = this.listening.state;
    const towards = transport === "paused" ? -1 : 1;
    this.#presence = Math.min(1, Math.max(PAUSED, this.#presence + (towards * step_s * (1 - PAUSED)) / SINK_S));
    this.spectrum.read(this.listening.player.analyser, step_s);
    this.#draw();
    if (transport === "paused" && this.#presence === PAUSED) this.loop.run(false);
  }

  #readTheme() {
    this.#ringDrawn = "";
    this.palette = readPalette(this);
  }

  #resize() {
    this.#ringDrawn = "";
    for (const surface of [this.ring, this.shore]) {
      surface.resize(surface.canvas.clientWidth, surface.canvas.clientHeight);
    }
    this.#draw();
  }

  #draw() {
    const { palette } = this;
    if (!palette || this.ring.width === 0) return;
    const radius = this.clientHeight / 2 - MARKS_PX;
    this.#drawRing(radius, palette);
    this.shore.paint((context) => drawShore(context, this.spectrum.levels, radius, palette, this.#presence));
  }

  /** Only when the head has moved enough to be seen. @param {number} radius @param {Palette} palette */
  #drawRing(radius, palette) {
    const { duration_s, remaining_s } = this.listening;
    const left_s = isStill() ? Math.ceil(remaining_s) : remaining_s;
    const share = duration_s > 0 ? Math.max(0, 1 - left_s / duration_s) : 0;
    const head = Math.round((share * 2 * Math.PI * radius) / LEAST_PX);
    const drawn = [head, Math.round(duration_s), radius, this.#presence].join();
    if (drawn === this.#ringDrawn) return;
    this.#ringDrawn = drawn;
    this.ring.paint((context) => drawRing(context, { radius, share, duration_s, presence: this.#presence }, palette));
  }
}

/** @param {ArrayLike<number>} levels from low to high @returns {number} 0 low, 1 middle, 2 high */
function loudestThird(levels) {
  const sums = [0, 0, 0];
  Array.from(levels).forEach((level, i) => (sums[Math.floor((3 * i) / levels.length)] += level));
  return sums.indexOf(Math.max(...sums));
}

customElements.define("sw-timer-ring", TimerRing);
