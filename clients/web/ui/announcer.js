import { words } from "../i18n/en.js";
import { h, write } from "./dom.js";
import { clockTime, endsAt } from "./format.js";
import { Part } from "./part.js";

/** Minutes before the end at which the time is said aloud. */
const CALLS = [5, 1];

/** Says to those who do not see it what changes: start, half, five minutes, one minute, end; pause; keys without a control in focus. */
export class Announcer extends Part {
  line = h("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  #transport = "idle";
  #left_s = Infinity;
  /** @type {import("./listening.js").Ending | null} */
  #ending = null;

  build() {
    this.append(this.line);
  }

  /** @param {string} sentence */
  say(sentence) {
    write(this.line, sentence);
  }

  update() {
    const { remaining_s: left_s, duration_s } = this.listening;
    const { transport } = this.listening.state;
    if (this.listening.ending !== this.#ending) this.#sayEnding();
    else if (transport !== this.#transport) this.#sayTransport(transport, duration_s);
    else if (transport === "playing") this.#sayTime(left_s, duration_s);
    this.#transport = transport;
    this.#left_s = left_s;
  }

  #sayEnding() {
    this.#ending = this.listening.ending;
    if (this.#ending) this.say(headingOf(this.#ending));
  }

  /** @param {string} transport @param {number} duration_s */
  #sayTransport(transport, duration_s) {
    const title = this.listening.preset?.title ?? "";
    if (transport === "paused") this.say(words.announce.paused);
    else if (transport === "playing" && this.#transport === "paused") this.say(words.announce.resumed);
    else if (transport === "playing") this.say(words.announce.started(title, Math.round(duration_s / 60)));
  }

  /** @param {number} left_s @param {number} duration_s */
  #sayTime(left_s, duration_s) {
    const passed = (/** @type {number} */ at_s) => this.#left_s > at_s && left_s <= at_s;
    const call = CALLS.find((minutes) => passed(minutes * 60));
    if (call) this.say(words.announce.left(call));
    else if (passed(duration_s / 2)) this.say(words.announce.half(clockTime(left_s)));
  }

  /** After T. */
  sayLonger() {
    this.say(words.announce.longer(endsAt(this.listening.remaining_s)));
  }
}

/** The one of this page. @param {import("./listening.js").Listening} listening @returns {Announcer} */
export function announcerOf(listening) {
  const known = /** @type {Announcer | null} */ (document.querySelector("sw-announcer"));
  if (known) return known;
  const announcer = Announcer.of(listening);
  document.querySelector("sw-shell")?.append(announcer);
  return announcer;
}

/** @param {import("./listening.js").Ending} ending @returns {string} what the end is called */
export function headingOf({ kind, by }) {
  return kind === "taken" && by ? words.takenBy(by) : words.ended[kind];
}

customElements.define("sw-announcer", Announcer);
