import { FrameLoop, isStill } from "../draw/loop.js";
import { onThemeChange, readPalette } from "../draw/palette.js";
import { drawSessionRings } from "../draw/session-rings.js";
import { Surface } from "../draw/surface.js";
import { words } from "../i18n/en.js";
import { h, mark, write } from "./dom.js";
import { clockTime, timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { Part } from "./part.js";

const CLOSING_S = 1.6;
const MARKS_PX = 18;

/** @typedef {import("./listening.js").Ending["kind"]} Kind */

/** The session's own rings, one a minute. */
export class SessionRings extends Part {
  surface = new Surface(h("canvas", { "aria-hidden": "true" }));
  drop = h("span", { class: "drop", "aria-hidden": "true" });
  words = h("p", { class: "visually-hidden" });
  loop = new FrameLoop((step_s) => this.#grow(step_s), 60);
  #progress = 0;

  build() {
    this.append(this.surface.canvas, this.drop, this.words);
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
    write(this.words, words.ended.count(this.listening.course.minutes.length));
  }

  /** @param {number} step_s */
  #grow(step_s) {
    this.#progress = Math.min(1, this.#progress + step_s / CLOSING_S);
    this.#draw();
    if (this.#progress === 1) this.loop.run(false);
  }

  #resize() {
    this.surface.resize(this.surface.canvas.clientWidth, this.surface.canvas.clientHeight);
    this.#draw();
  }

  #draw() {
    const { surface, palette } = this;
    if (!palette || surface.width === 0) return;
    const settled = 1 - (1 - this.#progress) ** 3;
    const radius = this.clientHeight / 2 - MARKS_PX;
    surface.paint((context) => drawSessionRings(context, this.listening.course.minutes, radius, settled, palette));
  }
}

/** After the last frame: what was heard, and the next thing to press. */
export class Ending extends Part {
  heard = h("p", { class: "heard soft" }, icon("check", 17), h("span", {}));
  heading = h("h1", { class: "display", tabindex: "-1" });
  voice = h("p", { class: "voice soft" });
  again = h("button", { class: "button primary", onclick: () => this.listening.toggle() });
  other = h("button", { class: "button", onclick: () => this.listening.leave() }, words.ended.other);
  intensity = h("span", { class: "figure" });
  dropouts = h("span", { class: "figure" });

  build() {
    this.append(
      h("div", { class: "stage" }, SessionRings.of(this.listening)),
      h(
        "section",
        { class: "ending-words" },
        this.heard,
        this.heading,
        this.voice,
        h("div", { class: "actions" }, this.again, this.other),
        h("hr", { class: "rule" }),
        h(
          "p",
          { class: "small ending-facts" },
          h("span", {}, words.ended.intensity, " ", this.intensity),
          h("span", {}, words.ended.dropouts, " ", this.dropouts),
        ),
      ),
    );
  }

  update() {
    const { ending, preset, course, state } = this.listening;
    if (!ending) return;
    const { kind } = ending;
    mark(this, "data-kind", kind);
    write(
      /** @type {Node} */ (this.heard.lastChild),
      words.ended.of(clockTime(Math.floor(ending.heard_s)), clockTime(ending.planned_s)),
    );
    write(this.heading, words.ended[kind]);
    write(this.voice, voiceOf(kind, state.limit?.resets_at));
    write(this.again, nextOf(kind, preset?.minutes ?? 0));
    mark(this.again, "hidden", kind === "limit");
    write(this.intensity, words.percent(course.mean));
    write(this.dropouts, String(state.dropouts));
  }
}

/** @param {Kind} kind @param {number | undefined} resets_at seconds since 1970 */
function voiceOf(kind, resets_at) {
  if (kind === "limit") return words.ended.limitVoice(resets_at ? timeOfDay(new Date(resets_at * 1000)) : "00:00");
  if (kind === "taken") return words.ended.takenVoice;
  return kind === "failed" ? words.ended.failedVoice : words.ended.rings;
}

/** @param {Kind} kind @param {number} minutes */
function nextOf(kind, minutes) {
  if (kind === "taken") return words.ended.here;
  return kind === "failed" ? words.ended.restart : words.ended.again(minutes);
}

customElements.define("sw-session-rings", SessionRings);
customElements.define("sw-ending", Ending);
