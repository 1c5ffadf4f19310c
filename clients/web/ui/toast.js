import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h } from "./dom.js";
import { timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { fetchGoingOn } from "./later.js";
import { Part } from "./part.js";

/** A part of this page failed; only a new one is whole. */
const PAGE = "page";

/** No press of a button helps against these. */
const UNMENDED = ["limit_reached", "upgrade_required", "unsupported"];

/** What went wrong, in one sentence with at most one action; it stays until it is closed or no longer true. */
export class Toast extends Part {
  #told = "";

  build() {
    this.setAttribute("role", "alert");
  }

  update() {
    const error = this.listening.hasFailed ? { code: PAGE, msg: later.errors[PAGE] } : this.listening.state.error;
    const key = error ? `${error.code} ${error.msg}` : "";
    if (key === this.#told) return;
    this.#told = key;
    this.replaceChildren();
    if (error) this.append(this.#toast(error));
  }

  /** @param {import("../audio/player-state.js").Failure} error */
  #toast(error) {
    const action = this.#action(error);
    return h(
      "div",
      { class: "toast" },
      icon("warning", 18),
      h("p", {}, sentenceOf(error, this.listening.state.limit?.resets_at)),
      action,
      h(
        "button",
        { class: "icon-button", "aria-label": words.dismiss, onclick: () => this.replaceChildren() },
        icon("close", 16),
      ),
    );
  }

  /** What would mend it, if anything does now. @param {import("../audio/player-state.js").Failure} error */
  #action({ code, sessions }) {
    if (code === PAGE) return h("button", { class: "link", onclick: () => location.reload() }, later.reload);
    const { listening } = this;
    const { preset, view } = listening;
    const elsewhere = sessions?.[0]?.session;
    if (!preset || view === "playing" || UNMENDED.includes(code)) return null;
    const press = () => {
      this.replaceChildren();
      if (elsewhere) fetchGoingOn().then(({ goOn }) => goOn(listening, elsewhere));
      else listening.begin(preset);
    };
    return h("button", { class: "link", onclick: press }, elsewhere ? later.banner.here : words.retry);
  }
}

/** @param {import("../audio/player-state.js").Failure} error @param {number | undefined} resets_at seconds since 1970 */
function sentenceOf({ code, msg, sessions }, resets_at) {
  if (code === "limit_reached" && resets_at) return later.limit(timeOfDay(new Date(resets_at * 1000)));
  const device = sessions?.[0]?.device;
  return device ? later.elsewhere(device) : (later.errors[code] ?? msg);
}

customElements.define("sw-toast", Toast);
