import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { Echo } from "./echo.js";
import { icon } from "./icons.js";
import { Part } from "./part.js";
import { Slider } from "./slider.js";

/** @typedef {import("./listening.js").Layer} Layer */

/** What the sound is made of: one slider a layer. */
export class Layers extends Part {
  list = h("div", { class: "layer-list" });
  /** @type {{layer: Layer, slider: Slider, echo: Echo, row: HTMLElement, value: HTMLElement}[]} */
  #rows = [];
  /** @type {Layer[]} */
  #shown = [];

  build() {
    this.append(h("h2", { class: "label" }, later.layers), this.list);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.signal = signal;
  }

  update() {
    const { preset } = this.listening;
    if (preset && preset.layers !== this.#shown) {
      this.#shown = preset.layers;
      this.#rows = preset.layers.map((layer) => this.#row(layer));
      this.list.replaceChildren(...this.#rows.map(({ row }) => row));
    }
    for (const { layer, slider, row, value } of this.#rows) {
      const level = Math.round(this.listening.value(layer.address));
      slider.show(level);
      mark(row, "data-silent", level === 0);
      write(value, String(level));
    }
  }

  /** @param {Layer} layer */
  #row(layer) {
    const slider = new Slider({
      label: layer.label,
      spoken: String,
      oninput: (value) => this.listening.set(layer.address, value),
      onrelease: () => this.listening.release(),
    });
    const echo = new Echo();
    echo.address = layer.address;
    if (this.signal) echo.follow(this.listening.player, this.signal);
    const value = h("span", { class: "layer-value" });
    const row = h(
      "div",
      { class: "layer" },
      icon(layer.icon, 20),
      h("span", { class: "layer-name" }, layer.label),
      slider.element,
      h("span", { class: "value" }, echo.element, value),
    );
    return { layer, slider, echo, row, value };
  }
}

customElements.define("sw-layers", Layers);
