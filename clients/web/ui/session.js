import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { openDialog } from "./dialog.js";
import { h, write } from "./dom.js";
import { Foot } from "./foot.js";
import { icon } from "./icons.js";
import { openPomodoro } from "./later.js";
import { Intensity } from "./intensity.js";
import { Layers } from "./layers.js";
import { MethodChoice } from "./method.js";
import { Modes, MoreSounds } from "./modes.js";
import { Part } from "./part.js";
import { Readings } from "./readings.js";
import { openTimer } from "./timer-dialog.js";
import { TimerFacts } from "./timer-facts.js";
import { TimerRing } from "./timer-ring.js";
import { Why } from "./why.js";

const NARROW = matchMedia("(max-width: 699px)");
const GROWTH = { duration: 900, easing: "cubic-bezier(.2, .7, .2, 1)" };

/** Playing: the well, and beside it what can be turned. On a phone all but the nearest is in a sheet. */
export class Session extends Part {
  ring = new TimerRing();
  modes = new Modes();
  facts = new TimerFacts();
  more = new MoreSounds();
  why = new Why();
  intensity = new Intensity();
  method = new MethodChoice();
  layers = new Layers();
  readings = new Readings();
  foot = new Foot();
  length = h("span", {});
  methodName = h("span", {});
  pomodoro = h("span", {});
  rules = [h("hr", { class: "rule" }), h("hr", { class: "rule" })];
  below = h("div", { class: "below" });
  controls = h("section", { class: "controls", "aria-label": later.sheet });
  short = h(
    "div",
    { class: "chips short-row" },
    h("button", { class: "chip", onclick: () => openTimer(this.listening) }, icon("timer", 17), this.length),
    h("button", { class: "chip", onclick: () => this.#openSheet() }, icon("sliders", 17), this.methodName),
    h("button", { class: "chip", onclick: () => openPomodoro(this.listening) }, this.pomodoro),
    h("button", { class: "chip", onclick: () => this.why.open() }, later.why.short),
  );
  /** @type {HTMLDialogElement | null} */
  sheet = null;

  build() {
    const { ring, modes, facts, more, why, intensity, method, layers, readings, foot } = this;
    this.lend(ring, modes, facts, more, why, intensity, method, layers, readings, foot);
    foot.spectrum = ring.spectrum;
    const stage = h(
      "section",
      { class: "stage", "aria-label": later.facts.region },
      modes,
      h("div", { class: "well-place" }, ring),
      this.below,
    );
    this.append(stage, this.controls);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    NARROW.addEventListener("change", () => this.#arrange(), { signal });
    signal.addEventListener("abort", () => this.sheet?.close());
    this.#arrange();
  }

  update() {
    write(this.length, words.minutes(Math.round(this.listening.duration_s / 60)));
    write(this.methodName, later.method[this.listening.method]);
    write(this.pomodoro, this.listening.pomodoro?.words ?? later.pomodoro.title);
  }

  /** The well comes from the place of the one that was pressed. @param {DOMRect} from */
  grow(from) {
    const to = this.ring.getBoundingClientRect();
    const shift = `${from.x + from.width / 2 - to.x - to.width / 2}px, ${from.y + from.height / 2 - to.y - to.height / 2}px`;
    this.ring.animate(
      [{ transform: `translate(${shift}) scale(${from.width / to.width})` }, { transform: "none" }],
      GROWTH,
    );
    for (const part of [this.modes, this.below, this.controls]) {
      part.animate([{ opacity: 0 }, { opacity: 0, offset: 0.3 }, { opacity: 1 }], GROWTH);
    }
  }

  /** The same parts in the order of the width. */
  #arrange() {
    const { why, rules, intensity, method, layers, readings, foot, facts, more } = this;
    if (NARROW.matches) {
      this.below.replaceChildren();
      this.controls.replaceChildren(intensity, layers, this.short);
    } else {
      this.sheet?.close();
      this.below.replaceChildren(facts, more);
      this.controls.replaceChildren(why, rules[0], intensity, method, layers, rules[1], readings, foot);
    }
  }

  #openSheet() {
    this.sheet = openDialog("sheet", later.sheet, () => [this.method, this.readings, this.more, this.foot]);
  }
}

customElements.define("sw-session", Session);
