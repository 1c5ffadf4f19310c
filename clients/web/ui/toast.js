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
    if (error) this.append(this.#toast(error));
  }

  /** @param {{code: string, msg: string, sessions?: {session: string}[]}} error */
  #toast({ code, msg, sessions }) {
    const { preset, view } = this.listening;
    const elsewhere = sessions?.[0]?.session;
    const again = () => {
      this.replaceChildren();
      if (preset) this.listening.begin(preset, { take: elsewhere });
    };
    return h(
      "div",
      { class: "toast" },
      icon("warning", 18),
      h("p", {}, words.errors[code] ?? msg),
      preset &&
        view !== "playing" &&
        h("button", { class: "link", onclick: again }, elsewhere ? words.banner.here : words.retry),
      h(
        "button",
        { class: "icon-button", "aria-label": words.dismiss, onclick: () => this.replaceChildren() },
        icon("close", 16),
      ),
    );
  }
}

customElements.define("sw-toast", Toast);
