import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { closeButton, openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";
import { endsAt, timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { secondsUntil } from "./until.js";

/** @typedef {import("./listening.js").Listening} Listening */

const LONGEST_MIN = 600;

/** How long, until when, and how it fades. @param {Listening} listening */
export function openTimer(listening) {
  const form = new TimerForm(listening);
  openDialog("timer", later.timer.title, (dialog) => [form.build(dialog)]);
}

/** The fields of the timer: choices, minutes and a clock time say the same thing and follow each other. */
class TimerForm {
  /** @param {Listening} listening */
  constructor(listening) {
    this.listening = listening;
    this.playing = listening.view === "playing";
    this.minutes = Math.max(1, Math.round(listening.duration_s / 60));
    /** Set by the clock field. @type {number | null} */
    this.until_ms = null;
    this.fade_s = listening.timer.fade_s;
  }

  /** @param {HTMLDialogElement} dialog */
  build(dialog) {
    this.number = h("input", {
      type: "number",
      min: "1",
      max: LONGEST_MIN,
      step: "1",
      required: true,
      inputmode: "numeric",
      id: "timer-minutes",
      "aria-describedby": "timer-problem",
    });
    this.clock = h("input", { type: "time", id: "timer-until" });
    this.problem = h(
      "p",
      { class: "problem", id: "timer-problem", hidden: true },
      icon("warning", 14),
      later.timer.wrongMinutes,
    );
    this.summary = h("p", { class: "small", role: "status" });
    this.choices = later.timer.choices.map((minutes) =>
      choice("timer-length", minutes, words.minutes(minutes), () => this.#set(minutes)),
    );
    const fades = later.timer.fades.map((seconds) =>
      choice("timer-fade", seconds, words.seconds(seconds), () => (this.fade_s = seconds)),
    );
    for (const fade of fades) fade.input.checked = Number(fade.input.value) === this.fade_s;
    this.number.addEventListener("input", () => this.#set(this.number?.valueAsNumber ?? NaN));
    this.clock.addEventListener("input", () => this.#setClock());
    const form = h(
      "form",
      { class: "timer-form", novalidate: true },
      h("p", { class: "soft" }, later.timer.lead),
      group(later.timer.length, this.choices),
      h(
        "div",
        { class: "pair" },
        h(
          "div",
          { class: "field" },
          h("label", { class: "label", for: "timer-minutes" }, later.timer.minutes),
          this.number,
          this.problem,
        ),
        h("div", { class: "field" }, h("label", { class: "label", for: "timer-until" }, later.timer.until), this.clock),
      ),
      group(later.timer.fade, fades),
      this.summary,
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button primary", type: "submit" }, later.timer.set),
        closeButton(dialog, later.timer.close),
        this.playing && this.#end(dialog),
      ),
    );
    form.addEventListener("submit", (event) => this.#submit(event, dialog));
    this.#set(this.minutes);
    return form;
  }

  /** @param {HTMLDialogElement} dialog */
  #end(dialog) {
    const end = () => {
      dialog.close();
      this.listening.finish();
    };
    return h("button", { class: "button quiet", type: "button", onclick: end }, later.timer.end);
  }

  /** @param {number} minutes */
  #set(minutes) {
    this.minutes = minutes;
    this.until_ms = null;
    const valid = this.#isValid();
    if (this.number && this.number.valueAsNumber !== minutes) this.number.valueAsNumber = minutes;
    for (const { input } of this.choices ?? []) input.checked = Number(input.value) === minutes;
    if (this.clock && valid) this.clock.value = timeOfDay(new Date(Date.now() + this.#left_s() * 1000));
    this.#judge();
  }

  #setClock() {
    if (!this.clock?.value) return;
    const played_s = this.playing ? this.listening.state.position_s : 0;
    const until_s = secondsUntil(this.clock.value, new Date());
    this.until_ms = Date.now() + until_s * 1000;
    this.minutes = Math.max(1, Math.round((played_s + until_s) / 60));
    if (this.number) this.number.valueAsNumber = this.minutes;
    for (const { input } of this.choices ?? []) input.checked = Number(input.value) === this.minutes;
    this.#judge();
  }

  /** Seconds from now to the end. */
  #left_s() {
    return this.minutes * 60 - (this.playing ? this.listening.state.position_s : 0);
  }

  #isValid() {
    return Number.isInteger(this.minutes) && this.minutes >= 1 && this.minutes <= LONGEST_MIN;
  }

  #judge() {
    const valid = this.#isValid();
    if (this.problem) mark(this.problem, "hidden", valid);
    if (this.number) mark(this.number, "aria-invalid", valid ? null : "true");
    if (this.summary) write(this.summary, valid ? later.timer.summary(this.minutes, endsAt(this.#left_s())) : "");
  }

  /** @param {SubmitEvent} event @param {HTMLDialogElement} dialog */
  #submit(event, dialog) {
    event.preventDefault();
    if (!this.#isValid()) {
      this.number?.focus();
      return;
    }
    const { minutes, until_ms, fade_s } = this;
    this.listening.setTimer({ duration_s: minutes * 60, until_ms, fade_s });
    dialog.close();
  }
}

/** @param {string} name @param {number} value @param {string} label @param {() => void} onchange */
function choice(name, value, label, onchange) {
  const input = h("input", { type: "radio", name, value, class: "visually-hidden", onchange });
  return { input, element: h("label", { class: "chip" }, input, label) };
}

/** @param {string} label @param {{element: HTMLElement}[]} choices */
function group(label, choices) {
  return h(
    "fieldset",
    {},
    h("legend", { class: "label" }, label),
    h("div", { class: "chips" }, ...choices.map(({ element }) => element)),
  );
}
