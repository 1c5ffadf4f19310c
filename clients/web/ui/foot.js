import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, write } from "./dom.js";
import { Part } from "./part.js";

const EVERY_MS = 2000;

/** The small honest facts: how loud it is here, how far ahead the sound is, how often it failed. */
export class Foot extends Part {
  level = h("span", { title: later.foot.levelHelp });
  ahead = h("span", {});
  dropouts = h("span", {});
  allowance = h("span", { class: "narrow" });
  /** @type {import("../draw/spectrum.js").Spectrum | null} */
  spectrum = null;
  #told_ms = 0;

  build() {
    this.append(this.level, this.ahead, this.dropouts, this.allowance);
  }

  update() {
    const { buffered_s, dropouts, limit } = this.listening.state;
    write(this.dropouts, later.foot.dropouts(dropouts));
    const now_ms = performance.now();
    if (now_ms - this.#told_ms < EVERY_MS && this.level?.textContent) return;
    this.#told_ms = now_ms;
    write(this.allowance, limit?.left_s === undefined ? "" : words.allowance(Math.floor(limit.left_s / 60)));
    write(this.ahead, later.foot.ahead(Math.floor(buffered_s)));
    write(this.level, later.foot.level(this.spectrum?.level_db ?? -Infinity));
  }
}

customElements.define("sw-foot", Foot);
