import { words } from "../i18n/en.js";
import { get } from "../net/rest.js";
import { Bend } from "./bend.js";
import { Course } from "./course.js";
import { remember, remembered } from "./settings.js";
import { Timer } from "./timer.js";
import { courseOf, turned, valueAt } from "./trajectory.js";

/**
 * @typedef {import("../audio/player.js").Player} Player
 * @typedef {"am" | "isochronic" | "binaural"} Method
 * @typedef {{id: string, label: string, icon: string, address: string, level: number}} Layer
 * @typedef {{text: string, source: string}} Finding
 * @typedef {object} Preset
 * @property {string} id
 * @property {string} mode
 * @property {string} title
 * @property {string} line
 * @property {number} minutes
 * @property {string} icon
 * @property {boolean} [well]
 * @property {boolean} segment
 * @property {boolean} chip
 * @property {number} intensity per cent
 * @property {Method} method
 * @property {Record<Method, Record<string, number>>} methods
 * @property {Layer[]} layers
 * @property {Record<Method, string>} why
 * @property {{for: Finding[], against: Finding[]}} evidence
 * @property {any} program
 * @property {boolean} [isOwn] not one of the built-in ones: its program is played
 *
 * @typedef {"idle" | "playing" | "ended"} View
 * @typedef {"whole" | "stopped" | "limit" | "taken" | "failed"} EndingKind
 * @typedef {{kind: EndingKind, heard_s: number, planned_s: number, at: Date, session: string | null, by: string | null}} Ending by: the device that took it over
 *
 * @typedef {object} Beginning
 * @property {string} [take] session of another device, which ends there
 * @property {Record<string, number>} [params] set from the first moment
 * @property {Preset | null} [from] what this one interrupts
 * @property {import("./pomodoro.js").Pomodoro} [pomodoro] that it is a part of
 */

/** @type {Method[]} */
export const METHODS = ["am", "isochronic", "binaural"];

/** What Intensity moves for each method. @type {Record<Method, string>} */
export const INTENSITY_ADDRESS = { am: "am.depth", isochronic: "iso.level", binaural: "binaural.level" };

/** Where the rate of each method stands. @type {Record<Method, string>} */
export const RATE_ADDRESS = { am: "am.rate_hz", isochronic: "iso.rate_hz", binaural: "binaural.beat_hz" };

/** Steps of the arrow keys, and how strong the first session of a new person may be. */
const INTENSITY_STEPS = [0, 20, 32, 45, 60, 75, 100];
const FIRST_INTENSITY = 20;
const VOLUME_STEP = 0.05;
const FADE_IN_MS = 2000;
/** What a break sounds like. */
const BREAK_LEVELS = { "rain.level": 70, "pads.level": 20, "am.depth": 0 };
/** Fade of an end that is asked for now, at most. */
const END_FADE_S = 10;
const USUAL_MIN = 25;
export const EXTENSION_S = 300;

/** What the person decides on the Listen screen, over one `Player`. Fires "change" whenever anything shown may differ. */
export class Listening extends EventTarget {
  /** @type {Preset[]} */
  presets = [];
  /** @type {"loading" | "ready" | "failed"} */
  status = "loading";
  /** @type {View} */
  view = "idle";
  /** @type {Preset | null} */
  preset = null;
  /** @type {Method} */
  method = "am";
  /** @type {Ending | null} */
  ending = null;
  course = new Course();
  /** What a break interrupted: it comes next. @type {Preset | null} */
  interrupted = null;
  /** Work and breaks in turn. @type {import("./pomodoro.js").Pomodoro | null} */
  pomodoro = null;
  /** Once it is fetched. @type {import("./library.js").Library | null} */
  library = null;
  /** Once it is fetched. @type {import("./login.js").Login | null} */
  login = null;
  /** A part of the screen stopped: what is shown may be old. */
  hasFailed = false;

  /** Somebody new hears little, until a hand turns it up. */
  #isGentle = !remembered("visited", false);
  /** @type {Set<string>} */
  #touched = new Set();
  /** Addresses under the hand. @type {Map<string, {at_s: number, value: number}>} */
  #moved = new Map();
  #bend = new Bend();
  #isFinishing = false;
  #planned_s = 0;
  #connection = "connecting";

  /** @param {Player} player */
  constructor(player) {
    super();
    this.player = player;
    this.timer = new Timer(player);
    player.volume = remembered("volume", 0.7);
    player.addEventListener("state", () => this.#follow());
    player.addEventListener("ended", (event) => this.#end(/** @type {CustomEvent} */ (event).detail));
  }

  get state() {
    return this.player.state;
  }

  /** @param {unknown} error what a part of the screen could not show */
  tellFailure(error) {
    console.error(error);
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.dispatchEvent(new Event("change"));
  }

  /** Fetches what can be played. */
  async load() {
    this.status = "loading";
    this.#changed();
    try {
      const { presets } = await get("/api/presets");
      this.presets = presets;
      this.status = "ready";
    } catch {
      this.status = "failed";
    }
    this.#changed();
  }

  /** The well that this hour of the day suggests; the only gold one. @returns {Preset | undefined} */
  get suggested() {
    const hour = new Date().getHours();
    const mode = hour >= 5 && hour < 17 ? "focus" : hour >= 17 && hour < 21 ? "relax" : "sleep";
    return this.presets.find((preset) => preset.mode === mode) ?? this.presets[0];
  }

  /** @param {Preset} preset @param {Beginning} [how] */
  async begin(preset, { take, params, from, pomodoro } = {}) {
    if (pomodoro === undefined) this.pomodoro?.stop();
    const duration_s = this.timer.begin(preset.minutes * 60);
    const strong = this.#isGentle && preset.intensity > FIRST_INTENSITY;
    this.preset = preset;
    this.method = preset.method ?? "am";
    this.ending = null;
    this.interrupted = from ?? null;
    this.course = new Course();
    this.#moved.clear();
    this.#bend = new Bend();
    this.#isFinishing = false;
    this.#touched = new Set(strong ? [INTENSITY_ADDRESS[this.method]] : []);
    remember("visited", true);
    const started = this.player.start({
      ...(take ? { take } : {}),
      title: preset.title,
      ...(preset.isOwn ? { program: preset.program } : { preset: preset.id }),
      duration_s,
      fade_in_ms: FADE_IN_MS,
      fade_out_ms: this.timer.fade_s * 1000,
      params: strong ? { ...params, [INTENSITY_ADDRESS[this.method]]: FIRST_INTENSITY } : params,
    });
    this.#changed();
    await started;
  }

  /** The one button: begins, pauses, goes on, or lets go what the browser holds back. */
  async toggle() {
    const preset = this.preset ?? this.suggested;
    if (this.state.connection === "blocked") this.player.resume();
    else if (this.view === "playing") this.player.toggle();
    else if (this.interrupted) await this.begin(this.interrupted);
    else if (preset) await this.begin(this.view === "idle" ? (this.suggested ?? preset) : preset);
  }

  /**
   * A few minutes of rain, and then what was there before.
   * @param {number} minutes @param {import("./pomodoro.js").Pomodoro} [pomodoro]
   */
  async rest(minutes, pomodoro) {
    const calm = this.presets.find(({ mode }) => mode === "relax") ?? this.preset;
    const from = this.interrupted ?? this.preset;
    if (!calm || !from) return;
    await this.begin({ ...calm, title: words.rest.title, minutes }, { params: BREAK_LEVELS, from, pomodoro });
  }

  /** From the end of a session back to the wells. */
  leave() {
    this.view = "idle";
    this.ending = null;
    this.library?.load();
    this.#changed();
  }

  /** @param {string} address @returns {number} what the person asked for, or what the program does now */
  value(address) {
    const asked = this.state.params.get(address)?.value;
    if (this.#touched.has(address) && asked !== undefined) return Number(asked);
    const before = turned(this.player.instance())[address];
    if (before !== undefined) return Number(before);
    const course = courseOf(this.#program, address);
    return course === undefined ? Number(asked ?? 0) : valueAt(course, this.state.position_s);
  }

  /** What it has become, knobs and all: a program that can be kept. @returns {Promise<any>} */
  async sound() {
    const { settled } = await import("./settled.js");
    const asked = [...this.#touched].map((address) => [address, this.state.params.get(address)?.value ?? 0]);
    return settled(this.#program, { ...turned(this.player.instance()), ...Object.fromEntries(asked) });
  }

  get #program() {
    return /** @type {any} */ (this.player.instance())?.program ?? this.preset?.program;
  }

  /** @param {string} address @param {number | string} value */
  set(address, value) {
    this.#touched.add(address);
    this.#moved.set(address, { at_s: this.state.position_s, value: Math.round(Number(value)) });
    this.player.set(address, value);
    this.#changed();
  }

  /** The hand has left the control. */
  release() {
    this.player.gestureEnd();
    for (const [address, moved] of this.#moved) {
      const name = this.#nameOf(address);
      if (name) this.course.mark({ name, ...moved });
    }
    this.#moved.clear();
  }

  /** What the course of the session calls it. @param {string} address */
  #nameOf(address) {
    if (address === INTENSITY_ADDRESS[this.method]) return words.intensity.toLowerCase();
    return this.preset?.layers.find((layer) => layer.address === address)?.label.toLowerCase();
  }

  get intensity() {
    return this.value(INTENSITY_ADDRESS[this.method]);
  }

  /** @param {number} value 0–100 */
  setIntensity(value) {
    const address = INTENSITY_ADDRESS[this.method];
    this.#isGentle = false;
    this.#bend.touch(this.#program, address, value, this.state.position_s);
    this.set(address, value);
  }

  /** @param {1 | -1} direction to the next of the steps */
  nudgeIntensity(direction) {
    const now = Math.round(this.intensity);
    const steps = direction > 0 ? INTENSITY_STEPS : [...INTENSITY_STEPS].reverse();
    const next = steps.find((step) => (direction > 0 ? step > now : step < now));
    if (next === undefined) return;
    this.setIntensity(next);
    this.release();
  }

  /** Another method at the same intensity. @param {Method} method */
  setMethod(method) {
    const intensity = Math.round(this.intensity);
    const patch = { ...this.preset?.methods[method], [INTENSITY_ADDRESS[method]]: intensity };
    this.method = method;
    for (const [address, value] of Object.entries(patch)) this.set(address, value);
    this.#moved.clear();
    this.release();
  }

  get rate_hz() {
    return this.value(RATE_ADDRESS[this.method]);
  }

  /** @param {number} volume 0–1 */
  setVolume(volume) {
    this.player.volume = Math.min(1, Math.max(0, volume));
    this.player.muted = false;
    remember("volume", this.player.volume);
    this.#changed();
  }

  /** @param {1 | -1} direction */
  nudgeVolume(direction) {
    this.setVolume(Math.round((this.player.volume + direction * VOLUME_STEP) * 100) / 100);
  }

  toggleMute() {
    this.player.muted = !this.player.muted;
    this.#changed();
  }

  /** Seconds of sound until the end. */
  get remaining_s() {
    return this.timer.remaining_s;
  }

  /** Length of the session that plays, or of the next one. */
  get duration_s() {
    if (this.view === "playing") return this.state.position_s + this.remaining_s;
    return this.timer.next_s(((this.preset ?? this.suggested)?.minutes ?? USUAL_MIN) * 60);
  }

  /** @param {import("./timer.js").Choice} choice */
  setTimer(choice) {
    this.timer.set(choice, this.view === "playing");
    this.#changed();
  }

  /** The end comes later. @param {number} seconds */
  extend(seconds) {
    this.timer.extend(seconds);
  }

  /** Fades out and ends. */
  finish() {
    this.#isFinishing = true;
    this.player.finish(Math.min(this.timer.fade_s, END_FADE_S) * 1000);
  }

  #follow() {
    const { transport, position_s, connection } = this.state;
    if (connection !== this.#connection) this.#reconnected(connection);
    if (transport === "playing" || transport === "paused") {
      this.view = "playing";
      this.course.note(position_s, this.intensity);
      for (const [address, value] of this.#bend.due(position_s)) this.player.set(address, value);
      if (!this.#isFinishing) this.#planned_s = this.duration_s;
      this.#isFinishing ||= this.timer.keep();
    } else if (transport === "ended" && this.ending) this.view = "ended";
    else if (transport === "idle") this.view = "idle";
    this.#changed();
  }

  /** @param {string} connection */
  #reconnected(connection) {
    this.#connection = connection;
    if (connection === "connected" && this.status === "failed") this.load();
  }

  /** @param {{reason: string, heard_s: number, played_s: number, by: string | null}} detail */
  #end({ reason, heard_s, played_s, by }) {
    const heard = heard_s ?? played_s;
    this.ending = {
      kind: kindOf(reason, heard >= this.#planned_s - 1),
      heard_s: heard,
      planned_s: this.#planned_s,
      at: new Date(),
      session: this.state.session,
      by,
    };
    this.timer.end();
    this.view = "ended";
    if (this.ending.kind !== "whole") this.pomodoro?.stop();
    else if (this.pomodoro?.next() && this.state.transport !== "ended") return;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} reason as the server says it @param {boolean} isWhole @returns {EndingKind} */
function kindOf(reason, isWhole) {
  if (reason === "limit_reached") return "limit";
  if (reason === "taken" || reason === "superseded") return "taken";
  if (isWhole || reason === "completed") return "whole";
  return reason === "stopped" || reason === "left" ? "stopped" : "failed";
}
