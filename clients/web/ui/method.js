import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { icon } from "./icons.js";
import { METHODS } from "./listening.js";
import { Part } from "./part.js";
import { keepRaised, raise } from "./segments.js";

/** How the rate gets into the sound. Binaural says that it needs headphones. */
export class MethodChoice extends Part {
  hint = h("span", { class: "hint label", role: "status" });
  radios = METHODS.map((method) =>
    h("input", { type: "radio", name: "method", value: method, onchange: () => this.listening.setMethod(method) }),
  );
  options = METHODS.map((method, i) =>
    h(
      "label",
      { class: "segment" },
      this.radios[i],
      method === "binaural" && icon("headphones", 16),
      later.method[method],
    ),
  );
  group = h("div", { class: "segments" }, ...this.options);

  build() {
    const label = h("h2", { class: "label", id: "method-label" }, later.method.label);
    mark(this.group, "role", "radiogroup");
    mark(this.group, "aria-labelledby", "method-label");
    this.append(h("div", { class: "label-row" }, label, this.hint), this.group);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    keepRaised(this.group, () => this.#raise(), signal);
  }

  update() {
    const { method } = this.listening;
    METHODS.forEach((name, i) => (this.radios[i].checked = name === method));
    write(this.hint, method === "binaural" ? later.method.hint : "");
    this.#raise();
  }

  #raise() {
    raise(this.group, this.options[METHODS.indexOf(this.listening.method)]);
  }
}

customElements.define("sw-method", MethodChoice);
