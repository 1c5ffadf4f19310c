import { courseOf, valueAt } from "./trajectory.js";

/** @typedef {import("../audio/player.js").Player} Player */

/** The least difference that is worth a message, per cent. */
const STEP = 1;
const MOST = 100;

/**
 * Where the program has a course of its own, a touch makes it stronger or weaker and does not freeze it: a sound that is to
 * fade away still does.
 */
export class Bend {
  /** @type {Map<string, {course: import("./trajectory.js").Keyframe[], factor: number, sent: number}>} */
  #bent = new Map();

  /** @param {any} program @param {string} address @param {number} value asked for now @param {number} position_s */
  touch(program, address, value, position_s) {
    this.#bent.delete(address);
    const course = courseOf(program, address);
    if (!Array.isArray(course)) return;
    const own = valueAt(course, position_s);
    if (own > 0) this.#bent.set(address, { course, factor: value / own, sent: value });
  }

  /** What is due by now, where it differs from what was sent. @param {number} position_s @returns {[string, number][]} */
  due(position_s) {
    /** @type {[string, number][]} */
    const due = [];
    for (const [address, bent] of this.#bent) {
      const value = Math.round(Math.min(MOST, bent.factor * valueAt(bent.course, position_s)));
      if (Math.abs(value - bent.sent) < STEP) continue;
      bent.sent = value;
      due.push([address, value]);
    }
    return due;
  }
}
