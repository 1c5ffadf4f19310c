import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, write } from "./dom.js";
import { Echo } from "./echo.js";
import { INTENSITY_ADDRESS } from "./listening.js";
import { Part } from "./part.js";
import { Slider } from "./slider.js";

/** The one control to reach for. */
export class Intensity extends Part {
  slider = new Slider({
    label: words.intensity,
    gold: true,
    spoken: later.intensity.spoken,
    oninput: (value) => this.listening.setIntensity(value),
    onrelease: () => this.listening.release(),
  });
  echo = new Echo();
  level = h("span", {});
  percent = h("span", { class: "soft" });

  build() {
    this.append(
      h(
        "div",
        { class: "label-row" },
        h("h2", { class: "label" }, words.intensity),
        h("span", { class: "value" }, this.echo.element, this.level, " ", this.percent),
      ),
      this.slider.element,
      h(
        "div",
        { class: "ends label softer", "aria-hidden": "true" },
        h("span", {}, later.intensity.low),
        h("span", {}, later.intensity.high),
      ),
    );
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.echo.follow(this.listening.player, signal);
  }

  update() {
    const { intensity, method } = this.listening;
    this.echo.address = INTENSITY_ADDRESS[method];
    this.slider.show(Math.round(intensity));
    write(this.level, later.intensity.level(intensity));
    write(this.percent, words.percent(intensity));
  }
}

customElements.define("sw-intensity", Intensity);
