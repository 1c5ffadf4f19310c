import { words } from "../i18n/en.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { Part } from "./part.js";

/** What went wrong, in one sentence with at most one action; it stays until it is closed or no longer true. */
export class Toast extends Part {
  #told = "";

  build() {
    this.setAttribute("role", "alert");
  }

  update() {
    const { error } = this.listening.state;
    const key = error ? `${error.code} ${error.msg}` : "";
    if (key === this.#told) return;
    this.#told = key;
    this.replaceChildren();
    if (error) this.append(this.#toast(words.errors[error.code] ?? error.msg));
  }

  /** @param {string} sentence */
  #toast(sentence) {
    const again = () => {
      this.replaceChildren();
      this.listening.toggle();
    };
    return h(
      "div",
      { class: "toast" },
      icon("warning", 18),
      h("p", {}, sentence),
      this.listening.preset &&
        this.listening.view !== "playing" &&
        h("button", { class: "link", onclick: again }, words.retry),
      h(
        "button",
        { class: "icon-button", "aria-label": words.dismiss, onclick: () => this.replaceChildren() },
        icon("close", 16),
      ),
    );
  }
}

customElements.define("sw-toast", Toast);
