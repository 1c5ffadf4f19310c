import { words } from "../i18n/en.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { remember, remembered } from "./settings.js";

/** The first visit's one line of care. It blocks nothing, and once read it never comes back. */
export class Safety extends HTMLElement {
  connectedCallback() {
    if (remembered("safety", false)) return;
    const done = h("button", { class: "button", onclick: () => this.#dismiss() }, words.safety.done);
    const text = h(
      "p",
      {},
      h("b", {}, words.safety.lead),
      " ",
      h("span", { class: "soft wide" }, words.safety.text),
      h("span", { class: "soft narrow" }, words.safety.short),
    );
    this.replaceChildren(
      h("aside", { class: "safety", "aria-label": words.safety.lead }, icon("headphones", 20), text, done),
    );
  }

  /** The place is kept, so that nothing above it moves. */
  #dismiss() {
    remember("safety", true);
    document.querySelector("main")?.focus();
    this.classList.add("read");
  }
}

customElements.define("sw-safety", Safety);
