import { h, write } from "./dom.js";

/**
 * @typedef {{lo: number, hi: number, step?: number}} Range as the server specifies it
 * @typedef {object} SliderOptions
 * @property {string} label accessible name
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {boolean} [gold] always gold: the one to reach for
 * @property {boolean} [upright] a fader
 * @property {(value: number) => string} spoken the value in words and units
 * @property {(value: number) => void} oninput
 * @property {() => void} [onrelease]
 */

/** A native range with a skin; what it shows follows `show` unless a hand is on it. */
export class Slider {
  #held = false;

  /** @param {SliderOptions} options */
  constructor(options) {
    const { label, min = 0, max = 100, step = 1, gold = false, upright = false, spoken } = options;
    this.spoken = spoken;
    this.input = h("input", { type: "range", min, max, step, "aria-label": label });
    this.element = h("span", { class: upright ? "fader" : gold ? "slider gold" : "slider" }, this.input);
    this.input.addEventListener("input", () => {
      this.#paint();
      options.oninput(this.input.valueAsNumber);
    });
    this.input.addEventListener("pointerdown", () => (this.#held = true));
    for (const leaving of ["pointerup", "pointercancel", "change", "blur"]) {
      this.input.addEventListener(leaving, (event) => this.#letGo(event, options.onrelease));
    }
  }

  /** @param {number} value */
  show(value) {
    if (this.#held || !Number.isFinite(value)) return;
    if (this.input.valueAsNumber !== value) this.input.value = String(value);
    this.#paint();
  }

  /** @param {Range} spec */
  limit({ lo, hi, step }) {
    Object.assign(this.input, { min: String(lo), max: String(hi), step: String(step || "any") });
    this.element.style.setProperty("--zero", String(hi / (hi - lo)));
  }

  #paint() {
    const { min, max, valueAsNumber } = this.input;
    const fill = (valueAsNumber - Number(min)) / (Number(max) - Number(min));
    this.element.style.setProperty("--fill", fill.toFixed(4));
    const text = this.spoken(valueAsNumber);
    if (this.input.getAttribute("aria-valuetext") !== text) this.input.setAttribute("aria-valuetext", text);
  }

  /** A key lets go with its change. @param {Event} event @param {(() => void) | undefined} onrelease */
  #letGo({ type }, onrelease) {
    if (!this.#held && type !== "change") return;
    this.#held = false;
    onrelease?.();
  }
}

/**
 * Label at the left, value at the right, slider below: the shape of every single slider of the page.
 * @param {string} label @param {Slider} slider @param {...(Node | string)} extra between label and value
 */
export function labelled(label, slider, ...extra) {
  const value = h("span", { class: "value" });
  const row = h("div", { class: "label-row" }, h("span", { class: "label" }, label), ...extra, value);
  return {
    element: h("div", { class: "labelled" }, row, slider.element),
    /** @param {string} text */
    write: (text) => write(value, text),
    value,
  };
}
