import { words } from "../i18n/en.js";
import { h, mark } from "./dom.js";
import { icon } from "./icons.js";
import { fetchAway } from "./later.js";
import { Part } from "./part.js";
import { signature } from "./signature.js";
import "./safety.js";

/** @typedef {import("./listening.js").Preset} Preset */

/** Idle: three wells, one of them gold, chips for the rest. One press plays. */
export class Wells extends Part {
  wells = h("div", { class: "wells" });
  chips = h("div", { class: "chips" });
  others = h(
    "div",
    { class: "begin" },
    h("span", { class: "begin-label small", id: "begin" }, words.idle.begin),
    this.chips,
    document.createElement("sw-resume"),
  );

  build() {
    this.append(
      h("h1", { class: "display" }, words.idle.title),
      h(
        "p",
        { class: "lead" },
        h("span", { class: "wide" }, words.idle.lead),
        h("span", { class: "narrow" }, words.idle.leadShort),
        h("span", { class: "tiny" }, words.idle.leadTiny),
      ),
      this.wells,
      this.others,
      document.createElement("sw-safety"),
    );
  }

  update() {
    const { suggested, presets, state } = this.listening;
    const status = state.connection === "offline" ? "failed" : this.listening.status;
    const drawn = `${status} ${suggested?.id}`;
    mark(this, "data-state", status);
    if (this.dataset.drawn === drawn) return;
    this.dataset.drawn = drawn;
    mark(this.others, "hidden", status !== "ready");
    if (status === "loading") this.wells.replaceChildren(...skeleton());
    else if (status === "failed") this.#fail();
    else
      this.#fill(
        presets.filter(isWell),
        presets.filter((preset) => preset.chip),
      );
  }

  /** @param {Preset[]} wells @param {Preset[]} chips */
  #fill(wells, chips) {
    this.wells.replaceChildren(...wells.map((preset, i) => this.#well(preset, String(i + 1))));
    this.chips.replaceChildren(
      ...chips.map((preset) =>
        h(
          "button",
          { class: "chip", onclick: () => this.listening.begin(preset), "data-preset": preset.id },
          icon(preset.icon, 18),
          preset.title,
        ),
      ),
    );
  }

  /** @param {Preset} preset @param {string} key */
  #well(preset, key) {
    const gold = preset === this.listening.suggested;
    const [short, tiny = short] = words.shortLines[preset.id] ?? [preset.line];
    return h(
      "button",
      {
        class: gold ? "mode gold" : "mode",
        "data-preset": preset.id,
        "aria-keyshortcuts": key,
        onclick: () => this.listening.begin(preset),
      },
      h(
        "span",
        { class: "mode-well" },
        signature(preset.mode, gold),
        h("span", { class: gold ? "disc gold" : "disc" }, icon("play", 38)),
      ),
      h(
        "span",
        { class: "mode-words" },
        h("span", { class: "mode-name" }, preset.title),
        h(
          "span",
          { class: "mode-line soft" },
          h("span", { class: "wide" }, preset.line),
          h("span", { class: "narrow" }, short),
          h("span", { class: "tiny" }, tiny),
        ),
        h(
          "span",
          { class: "mode-length soft" },
          words.minutes(preset.minutes),
          h("span", { class: "wide" }, "\u2002·\u2002", words.idle.key(key)),
        ),
      ),
    );
  }

  async #fail() {
    const { drawn } = this.dataset;
    const away = await fetchAway(this.listening);
    if (this.dataset.drawn === drawn) this.wells.replaceChildren(away);
  }
}

/** @param {Preset} preset */
const isWell = (preset) => preset.well ?? (preset.segment && ["focus", "relax", "sleep"].includes(preset.mode));

/** Circles and bars, each fainter than the one before; CSS shows them after 150 ms. */
function skeleton() {
  const shapes = [1, 2, 3].map(() =>
    h(
      "div",
      { class: "mode skeleton", "aria-hidden": "true" },
      h("span", { class: "mode-well" }),
      h("span", { class: "bar" }),
    ),
  );
  return [h("p", { class: "visually-hidden" }, words.idle.loading), ...shapes];
}

customElements.define("sw-wells", Wells);
