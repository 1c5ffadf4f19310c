import { later } from "../i18n/later.js";
import { Advanced } from "./advanced.js";
import { h, mark, write } from "./dom.js";
import { icon } from "./icons.js";
import { Part } from "./part.js";

/** Rate and depth in figures, and behind one press what a tuner of sounds may turn. */
export class Readings extends Part {
  rate = reading(later.readings.rate, later.readings.hz);
  depth = reading(later.readings.depth, "%");
  toggle = h(
    "button",
    {
      class: "advanced-toggle soft",
      "aria-expanded": "false",
      "aria-controls": "advanced",
      onclick: () => this.#open(),
    },
    later.advanced.label,
    icon("down", 16),
  );
  panel = h("div", { id: "advanced", hidden: true });

  build() {
    this.append(
      h("div", { class: "readings" }, h("dl", {}, this.rate.element, this.depth.element), this.toggle),
      this.panel,
    );
  }

  update() {
    const { rate_hz, intensity, method } = this.listening;
    this.rate.write(rate_hz.toFixed(1));
    this.depth.name(method === "am" ? later.readings.depth : later.readings.level);
    this.depth.write(String(Math.round(intensity)));
  }

  #open() {
    const open = this.toggle.getAttribute("aria-expanded") !== "true";
    mark(this.toggle, "aria-expanded", String(open));
    mark(this.panel, "hidden", !open);
    if (open && !this.panel.firstChild) this.panel.append(Advanced.of(this.listening));
  }
}

/** @param {string} name @param {string} unit */
function reading(name, unit) {
  const label = h("dt", { class: "label" }, name);
  const value = h("span", { class: "figure" });
  const element = h("div", {}, label, h("dd", {}, value, "\u00a0", h("span", { class: "small softer" }, unit)));
  return {
    element,
    /** @param {string} text */
    write: (text) => write(value, text),
    /** @param {string} text */
    name: (text) => write(label, text),
  };
}

customElements.define("sw-readings", Readings);
