import { later } from "../i18n/later.js";
import { openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";
import { icon } from "./icons.js";
import { METHODS } from "./listening.js";
import { Part } from "./part.js";

/**
 * @typedef {import("./listening.js").Finding} Finding
 * @typedef {import("./listening.js").Method} Method
 */

/**
 * Why it sounds as it does, in one sentence, and one press away what studies say, for and against.
 * The sentences of all methods share one place, as high as the longest, so that a change of method moves nothing.
 */
export class Why extends Part {
  sentences = METHODS.map(() => h("p", { class: "voice" }));

  build() {
    const more = h(
      "button",
      {
        class: "icon-button why-more",
        "aria-label": later.why.more,
        "aria-haspopup": "dialog",
        onclick: () => this.open(),
      },
      icon("info", 18),
    );
    this.append(
      h("div", { class: "label-row" }, h("h2", { class: "label" }, later.why.label), more),
      h("div", { class: "stack" }, ...this.sentences),
    );
  }

  update() {
    METHODS.forEach((method, i) => {
      write(this.sentences[i], this.#words(method));
      mark(this.sentences[i], "data-off", method !== this.listening.method);
    });
  }

  /** Shows the evidence. */
  open() {
    const evidence = this.listening.preset?.evidence;
    if (!evidence) return;
    openDialog("evidence", later.evidence.title, () => [
      h("p", { class: "voice" }, this.#words(this.listening.method)),
      h("p", { class: "lead" }, later.evidence.note),
      findings(later.evidence.for, evidence.for),
      findings(later.evidence.against, evidence.against),
    ]);
  }

  /** @param {Method} method */
  #words(method) {
    const { preset, rate_hz, intensity } = this.listening;
    const why = preset?.why[method] ?? "";
    const rate = rate_hz < 9.95 ? rate_hz.toFixed(1).replace(".0", "") : rate_hz.toFixed(0);
    return why
      .replaceAll("{rate} Hz", `${rate}\u00a0Hz`)
      .replaceAll("{rate}", rate)
      .replaceAll("{level}", later.intensity.level(intensity));
  }
}

/** @param {string} title @param {Finding[]} list */
function findings(title, list) {
  const items = list.map(({ text, source }) =>
    h("li", {}, h("p", {}, text), h("p", { class: "label softer" }, source)),
  );
  const section = h("section", { class: "findings" }, h("h3", { class: "label" }, title), h("ul", {}, ...items));
  mark(section, "hidden", list.length === 0);
  return section;
}

customElements.define("sw-why", Why);
