import { minus } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, mark } from "./dom.js";
import { RATE_ADDRESS } from "./listening.js";
import { Part } from "./part.js";
import { remember, remembered } from "./settings.js";
import { labelled, Slider } from "./slider.js";

const CENTRES = ["31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k"];
const COLORS = /** @type {const} */ (["white", "pink", "brown", "blue", "violet", "grey"]);

/** Rate, loudness offset, noise colour and its ten bands, and whether single letters are keys. */
export class Advanced extends Part {
  rate = this.#single(
    later.advanced.rate,
    () => RATE_ADDRESS[this.listening.method],
    (value) => `${value.toFixed(1)}\u00a0Hz`,
  );
  gain = this.#single(later.advanced.gain, () => "output.gain_db", decibels);
  colors = COLORS.map((color) => {
    const radio = h("input", {
      type: "radio",
      name: "noise-color",
      value: color,
      class: "visually-hidden",
      onchange: () => this.#choose(color),
    });
    return h("label", { class: "chip small-chip" }, radio, later.advanced.colors[color]);
  });
  bands = CENTRES.map((_, band) => this.#fader(band));
  silent = h("p", { class: "small softer" }, later.advanced.noiseOff);

  build() {
    this.append(
      this.rate.element,
      this.gain.element,
      h(
        "fieldset",
        {},
        h("legend", { class: "label" }, later.advanced.color),
        h("div", { class: "chips" }, ...this.colors),
      ),
      h(
        "div",
        { role: "group", "aria-label": later.advanced.bands },
        h("p", { class: "label" }, later.advanced.bands),
        h("div", { class: "faders" }, ...this.bands.map(({ element }) => element)),
      ),
      this.silent,
      letters(),
    );
  }

  update() {
    this.rate.show();
    this.gain.show();
    const color = this.listening.state.params.get("noise.color")?.value ?? "pink";
    for (const option of this.colors) {
      const radio = /** @type {HTMLInputElement} */ (option.firstElementChild);
      radio.checked = radio.value === color;
    }
    for (const { show } of this.bands) show();
    mark(this.silent, "hidden", this.listening.value("noise.level") > 0);
  }

  /** @param {string} color */
  #choose(color) {
    this.listening.set("noise.color", color);
    this.listening.release();
  }

  /** @param {string} label @param {() => string} address @param {(value: number) => string} spoken */
  #single(label, address, spoken) {
    const slider = this.#slider(label, address, spoken, false);
    const part = labelled(label, slider);
    return {
      element: part.element,
      show: () => {
        const value = this.listening.value(address());
        this.#limit(slider, address());
        slider.show(value);
        part.write(spoken(value));
      },
    };
  }

  /** @param {number} band */
  #fader(band) {
    const address = `noise.band_${band}_db`;
    const slider = this.#slider(later.advanced.band(CENTRES[band]), () => address, decibels, true);
    return {
      element: h(
        "div",
        { class: "band" },
        slider.element,
        h("span", { class: "tick", "aria-hidden": "true" }, CENTRES[band]),
      ),
      show: () => {
        this.#limit(slider, address);
        slider.show(Number(this.listening.state.params.get(address)?.value ?? 0));
      },
    };
  }

  /** @param {string} label @param {() => string} address @param {(value: number) => string} spoken @param {boolean} upright */
  #slider(label, address, spoken, upright) {
    return new Slider({
      label,
      spoken,
      upright,
      oninput: (value) => this.listening.set(address(), value),
      onrelease: () => this.listening.release(),
    });
  }

  /** @param {Slider} slider @param {string} address */
  #limit(slider, address) {
    const spec = this.listening.state.params.get(address)?.spec;
    if (spec) slider.limit(/** @type {import("./slider.js").Range} */ (/** @type {unknown} */ (spec)));
  }
}

/** @param {number} value */
const decibels = (value) => `${minus(value.toFixed(1))}\u00a0dB`;

/** Single letters can be switched off for those who steer by voice. */
function letters() {
  const box = h("input", { type: "checkbox", role: "switch", onchange: () => remember("letters", box.checked) });
  box.checked = remembered("letters", true);
  return h("label", { class: "switch small" }, box, later.keys.letters);
}

customElements.define("sw-advanced", Advanced);
