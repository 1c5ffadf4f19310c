import { later } from "../i18n/later.js";
import { closeButton, openDialog } from "./dialog.js";
import { h, mark } from "./dom.js";
import { remember, remembered } from "./settings.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {{work_min: number, rest_min: number, rounds: number, sound: "rain" | "same" | "silence"}} Plan
 */

/** @type {Plan} */
const USUAL = { work_min: 25, rest_min: 5, rounds: 4, sound: "rain" };
const SOUNDS = /** @type {const} */ (["rain", "same", "silence"]);
/** Limits of each number. @type {Record<"work_min" | "rest_min" | "rounds", [number, number]>} */
const LIMITS = { work_min: [1, 120], rest_min: [1, 60], rounds: [1, 12] };

/** Work and breaks in turn, each a session of its own; the sound of the breaks is chosen. */
export class Pomodoro {
  round = 1;
  isRest = false;
  #timer = 0;

  /** @param {Listening} listening @param {import("./listening.js").Preset} preset of the work @param {Plan} plan */
  constructor(listening, preset, plan) {
    this.listening = listening;
    this.preset = preset;
    this.plan = plan;
    listening.pomodoro = this;
    this.#work();
  }

  /** What the place in the cycle is called. */
  get words() {
    const { rounds } = this.plan;
    return this.isRest ? later.pomodoro.rest(this.round, rounds) : later.pomodoro.work(this.round, rounds);
  }

  /** A part is over. @returns {boolean} whether another one follows by itself */
  next() {
    if (!this.isRest && this.round === this.plan.rounds) {
      this.stop();
      return false;
    }
    if (this.isRest) this.round += 1;
    this.isRest = !this.isRest;
    if (this.isRest) this.#rest();
    else this.#work();
    return true;
  }

  stop() {
    clearTimeout(this.#timer);
    this.listening.pomodoro = null;
  }

  #work() {
    this.listening.begin({ ...this.preset, minutes: this.plan.work_min }, { pomodoro: this });
  }

  #rest() {
    const { rest_min, sound } = this.plan;
    if (sound === "rain") this.listening.rest(rest_min, this);
    else if (sound === "same") this.listening.begin({ ...this.preset, minutes: rest_min }, { pomodoro: this });
    else this.#timer = setTimeout(() => this.next(), rest_min * 60_000);
  }
}

/** How long, how often, and what sounds in between. @param {Listening} listening */
export function openPomodoro(listening) {
  const plan = { ...USUAL, ...remembered("pomodoro", {}) };
  openDialog("pomodoro", later.pomodoro.title, (dialog) => [form(listening, plan, dialog)]);
}

/** @param {Listening} listening @param {Plan} plan @param {HTMLDialogElement} dialog */
function form(listening, plan, dialog) {
  const numbers = /** @type {("work_min" | "rest_min" | "rounds")[]} */ (Object.keys(LIMITS)).map((name) => {
    const [min, max] = LIMITS[name];
    return h("input", { id: `pomodoro-${name}`, name, type: "number", min, max, required: true, value: plan[name] });
  });
  const fields = numbers.map((input) =>
    h(
      "div",
      { class: "field" },
      h("label", { class: "label", for: input.id }, later.pomodoro[/** @type {"rounds"} */ (input.name)]),
      input,
    ),
  );
  const problem = h("p", { class: "problem", role: "status" });
  const begin = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    for (const input of numbers) mark(input, "aria-invalid", input.validity.valid ? null : "true");
    const wrong = numbers.find(({ validity }) => !validity.valid);
    problem.textContent = wrong ? later.pomodoro.wrong(wrong.min, wrong.max) : "";
    if (wrong) wrong.focus();
    else start(listening, read(element), dialog);
  };
  const element = h(
    "form",
    { class: "timer-form", novalidate: true, onsubmit: begin },
    h("p", { class: "soft" }, later.pomodoro.lead),
    h("div", { class: "three" }, ...fields),
    problem,
    sounds(plan.sound),
    h(
      "div",
      { class: "actions" },
      h("button", { class: "button primary", type: "submit" }, later.pomodoro.begin),
      closeButton(dialog, later.timer.close),
      listening.pomodoro && h("button", { class: "button quiet", type: "button", onclick: () => leave(listening, dialog) }, later.pomodoro.stop),
    ),
  );
  return element;
}

/** @param {Plan["sound"]} chosen */
function sounds(chosen) {
  const choices = SOUNDS.map((sound) => {
    const input = h("input", { type: "radio", name: "sound", value: sound, class: "visually-hidden" });
    input.checked = sound === chosen;
    return h("label", { class: "chip" }, input, later.pomodoro.sounds[sound]);
  });
  return h(
    "fieldset",
    {},
    h("legend", { class: "label" }, later.pomodoro.sound),
    h("div", { class: "chips" }, ...choices),
  );
}

/** @param {HTMLFormElement} element @returns {Plan} */
function read(element) {
  const data = new FormData(element);
  const number = (/** @type {string} */ name) => Number(data.get(name));
  const sound = /** @type {Plan["sound"]} */ (data.get("sound"));
  return { work_min: number("work_min"), rest_min: number("rest_min"), rounds: number("rounds"), sound };
}

/** @param {Listening} listening @param {Plan} plan @param {HTMLDialogElement} dialog */
function start(listening, plan, dialog) {
  remember("pomodoro", plan);
  dialog.close();
  listening.pomodoro?.stop();
  const preset = listening.interrupted ?? (listening.view === "idle" ? null : listening.preset);
  const work = listening.presets.find(({ id }) => id === (preset?.id ?? "focus")) ?? listening.presets[0];
  if (work) new Pomodoro(listening, work, plan);
}

/** What plays goes on. @param {Listening} listening @param {HTMLDialogElement} dialog */
function leave(listening, dialog) {
  listening.pomodoro?.stop();
  listening.dispatchEvent(new Event("change"));
  dialog.close();
}
