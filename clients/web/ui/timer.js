import { remember, remembered } from "./settings.js";

/**
 * @typedef {import("../audio/player.js").Player} Player
 * @typedef {{position_s: number} | {clock_ms: number}} Curfew after so much sound, or by the clock
 * @typedef {{duration_s: number, until_ms: number | null, fade_s: number}} Choice until_ms: the end is a time of day
 */

/** The session's own end stays so far behind an end that the page keeps. */
const MARGIN_S = 2;
/** A shorter fade would be heard as a cut. */
const LEAST_FADE_S = 0.3;

/**
 * When it ends: what was chosen before the start and, while it plays, an end sooner than the session's own. That one the
 * page keeps itself: it asks for the fade in time, and the fade happens even when nobody answers.
 */
export class Timer {
  fade_s = remembered("fade_s", 30);
  /** @type {number | null} */
  #chosen_s = null;
  /** @type {number | null} */
  #until_ms = null;
  /** @type {Curfew | null} */
  #curfew = null;
  #session_fade_s = 0;

  /** @param {Player} player */
  constructor(player) {
    this.player = player;
  }

  /** @param {number} usual_s what the preset says @returns {number} length of a session that begins now */
  next_s(usual_s) {
    if (this.#until_ms !== null && this.#until_ms > Date.now()) return Math.ceil((this.#until_ms - Date.now()) / 1000);
    return this.#chosen_s ?? usual_s;
  }

  /** @param {number} usual_s @returns {number} as `next_s`; an end by the clock is watched from now on */
  begin(usual_s) {
    const duration_s = this.next_s(usual_s);
    this.#session_fade_s = this.fade_s;
    this.#curfew = this.#until_ms !== null && this.#until_ms > Date.now() ? { clock_ms: this.#until_ms } : null;
    return duration_s;
  }

  /** A choice holds for one session. */
  end() {
    this.#chosen_s = null;
    this.#until_ms = null;
    this.#curfew = null;
  }

  /** Seconds of sound until the end that comes first. */
  get remaining_s() {
    const { remaining_s, position_s } = this.player.state;
    const curfew = this.#curfew;
    if (curfew === null) return remaining_s;
    const left_s = "clock_ms" in curfew ? (curfew.clock_ms - Date.now()) / 1000 : curfew.position_s - position_s;
    return Math.max(0, Math.min(remaining_s, left_s));
  }

  /** Another fade than the session began with is the page's own to keep. @param {Choice} choice @param {boolean} isPlaying */
  set({ duration_s, until_ms, fade_s }, isPlaying) {
    this.fade_s = fade_s;
    remember("fade_s", fade_s);
    if (isPlaying) {
      const margin_s = fade_s === this.#session_fade_s ? 0 : MARGIN_S;
      this.#lengthen(duration_s + margin_s - this.player.state.duration_s);
      this.#curfew = until_ms === null ? { position_s: duration_s } : { clock_ms: until_ms };
    } else {
      this.#chosen_s = duration_s;
      this.#until_ms = until_ms;
    }
  }

  /** The end comes later, whoever set it. @param {number} seconds */
  extend(seconds) {
    const curfew = this.#curfew;
    if (curfew === null) {
      this.#lengthen(seconds);
      return;
    }
    const duration_s = this.player.state.position_s + this.remaining_s + seconds;
    const until_ms = "clock_ms" in curfew ? curfew.clock_ms + seconds * 1000 : null;
    this.set({ duration_s, until_ms, fade_s: this.fade_s }, true);
  }

  /** @returns {boolean} whether the page has just asked for the end */
  keep() {
    const left_s = this.remaining_s;
    if (this.#curfew === null || left_s > this.fade_s || this.player.state.remaining_s - left_s < 1) return false;
    this.player.finish(Math.max(LEAST_FADE_S, left_s) * 1000);
    this.#curfew = null;
    return true;
  }

  /** @param {number} seconds */
  #lengthen(seconds) {
    if (seconds > 0.5) this.player.extend(seconds);
  }
}
