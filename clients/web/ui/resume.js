import { get } from "../net/rest.js";
import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h } from "./dom.js";
import { timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { playable } from "./library.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./library.js").Resume} Unfinished
 */

/** Goes on with what was left unfinished, here or on another device. */
export class Resume extends HTMLElement {
  #life = new AbortController();

  connectedCallback() {
    const { listening } = /** @type {{listening: Listening} & Element} */ (this.closest("sw-wells"));
    this.#life = new AbortController();
    const show = () => {
      const unfinished = listening.library?.shelf.resume;
      this.hidden = !unfinished || listening.status !== "ready";
      if (unfinished && !this.firstChild) this.append(button(listening, unfinished));
    };
    listening.addEventListener("change", show, { signal: this.#life.signal });
    show();
  }

  disconnectedCallback() {
    this.#life.abort();
  }
}

/** @param {Listening} listening @param {Unfinished} unfinished */
function button(listening, unfinished) {
  const { title, left_s, ended_at, started_at, device } = unfinished;
  const when = ended_at === null ? later.resume.on(device) : whenOf(new Date(started_at * 1000));
  const length = words.minutes(Math.max(1, Math.round(left_s / 60)));
  const press = () => goOn(listening, unfinished).catch(() => listening.load());
  return h("button", { class: "chip", onclick: press }, icon("play", 16), later.resume.title(title, when, length));
}

/** @param {Listening} listening @param {Unfinished} unfinished */
async function goOn(listening, { session, title, mode, left_s, ended_at }) {
  const minutes = left_s / 60;
  const { program } = await get(`/api/listening/sessions/${session}`);
  const preset = playable({ title, mode, minutes, program }, listening.presets);
  await listening.begin(preset, ended_at === null ? { take: session } : {});
}

/** @param {Date} date */
function whenOf(date) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  const day = days === 0 ? later.resume.today : days === 1 ? later.resume.yesterday : date.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  return `${day} ${timeOfDay(date)}`;
}

customElements.define("sw-resume", Resume);
