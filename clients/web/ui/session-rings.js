import { FrameLoop, isStill } from "../draw/loop.js";
import { onThemeChange, readPalette } from "../draw/palette.js";
import { drawSessionRings, radiusAt } from "../draw/session-rings.js";
import { Surface } from "../draw/surface.js";
import { later } from "../i18n/later.js";
import { h, write } from "./dom.js";
import { clockTime } from "./format.js";
import { Part } from "./part.js";

const CLOSING_S = 1.6;
const MARKS_PX = 18;
/** Where the words of an event stand, in radii from the centre: right below, left above, right above. */
const PLACES = [
  [0.93, 0.7],
  [-0.93, -0.7],
  [0.93, -0.7],
];

/** The session's own rings, one a minute, with up to three things that the person changed. */
export class SessionRings extends Part {
  surface = new Surface(h("canvas", { "aria-hidden": "true" }));
  drop = h("span", { class: "drop", "aria-hidden": "true" });
  words = h("p", { class: "visually-hidden" });
  events = h("ol", { class: "events", "aria-label": later.ended.events });
  loop = new FrameLoop((step_s) => this.#grow(step_s), 60);
  #progress = 0;

  build() {
    this.append(this.surface.canvas, this.drop, this.words, this.events);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.palette = readPalette(this);
    this.#progress = isStill() ? 1 : 0;
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.loop.run(false);
    });
    onThemeChange(() => {
      this.palette = readPalette(this);
      this.#draw();
    }, signal);
    this.loop.run(!isStill());
    write(this.words, later.ended.count(this.listening.course.minutes.length));
  }

  /** @param {number} step_s */
  #grow(step_s) {
    this.#progress = Math.min(1, this.#progress + step_s / CLOSING_S);
    this.#draw();
    if (this.#progress === 1) this.loop.run(false);
  }

  #resize() {
    this.surface.resize(this.surface.canvas.clientWidth, this.surface.canvas.clientHeight);
    this.#placeEvents();
    this.#draw();
  }

  get #radius() {
    return this.clientHeight / 2 - MARKS_PX;
  }

  #placeEvents() {
    const { course } = this.listening;
    const events = course.events.slice(-PLACES.length);
    const items = events.map(({ at_s, name, value }, i) => {
      const [x, y] = PLACES[i].map((share) => Math.round(share * this.#radius));
      const far = Math.hypot(x, y);
      const near = radiusAt(at_s, course.minutes.length, this.#radius);
      const item = h(
        "li",
        { class: x < 0 ? "event left" : "event" },
        h("span", {}, clockTime(Math.floor(at_s))),
        h("span", { class: "soft" }, later.ended.event(name, value)),
      );
      item.style.setProperty("--x", `${x}px`);
      item.style.setProperty("--y", `${y}px`);
      item.style.setProperty("--leader", `${Math.round(far - near)}px`);
      item.style.setProperty("--turn", `${Math.atan2(-y, -x)}rad`);
      return item;
    });
    this.events.replaceChildren(...items);
    this.events.hidden = items.length === 0;
  }

  #draw() {
    const { surface, palette } = this;
    if (!palette || surface.width === 0) return;
    const settled = 1 - (1 - this.#progress) ** 3;
    surface.paint((context) =>
      drawSessionRings(context, this.listening.course.minutes, this.#radius, settled, palette),
    );
  }
}

customElements.define("sw-session-rings", SessionRings);
