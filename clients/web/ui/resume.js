import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, write } from "./dom.js";
import { timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { goOn } from "./going-on.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./library.js").Resume} Unfinished
 */

/** Less is as good as finished. */
const LEAST_S = 60;

/** Goes on with what was left unfinished, here or on another device. */
export class Resume extends HTMLElement {
  #life = new AbortController();
  #name = h("span", {});

  connectedCallback() {
    const { listening } = /** @type {{listening: Listening} & Element} */ (this.closest("sw-wells"));
    this.#life = new AbortController();
    const press = () => {
      const session = listening.library?.shelf.resume?.session;
      if (session) goOn(listening, session).catch(() => listening.library?.load());
    };
    this.replaceChildren(h("button", { class: "chip", onclick: press }, icon("play", 16), this.#name));
    listening.addEventListener("change", () => this.#show(listening), { signal: this.#life.signal });
    this.#show(listening);
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** @param {Listening} listening */
  #show({ library, status }) {
    const unfinished = library?.shelf.resume;
    const isOffered = unfinished && !library.isStale && status === "ready" && unfinished.left_s >= LEAST_S;
    this.hidden = !isOffered;
    if (isOffered) write(this.#name, nameOf(unfinished));
  }
}

/** @param {Unfinished} unfinished */
function nameOf({ title, left_s, ended_at, started_at, device }) {
  const when = ended_at === null ? later.resume.on(device) : whenOf(new Date(started_at * 1000));
  return later.resume.title(title, when, words.minutes(Math.round(left_s / 60)));
}

/** @param {Date} date */
function whenOf(date) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  const day = days === 0 ? later.resume.today : days === 1 ? later.resume.yesterday : date.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  return `${day} ${timeOfDay(date)}`;
}

customElements.define("sw-resume", Resume);
