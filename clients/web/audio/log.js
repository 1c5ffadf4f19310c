/**
 * What the worklet did and where, in preallocated memory: rows of six numbers (what, pos, epoch, a, b, frame). `frame` counts
 * what has left the worklet at 48 kHz, silence included, so that a recording can be laid beside the positions.
 */

export const START = 1;
export const STAND = 2;
export const PLANE = 3;
export const LEARN = 4;
export const PAUSE = 5;
export const RISE = 6;
export const ENVELOPE = 7;
export const LOW = 8;
export const REFILL = 9;

/** Why a position stands still. */
export const WAITING = 1;
export const PAUSED = 2;
export const ENDED = 3;
/** The browser left a quantum out; the position goes on behind it. */
export const LEFT_OUT = 4;

export const ROW = 6;
const ROWS = 32;

export class Log {
  constructor() {
    this.rows = new Float64Array(ROWS * ROW);
    this.count = 0;
    this.frame = 0;
  }

  /**
   * Meanings of `a` and `b`: STAND why · PLANE which, 1 for at once · LEARN first frame, end of the run before · ENVELOPE revision,
   * gain from which it is joined (−1: it is in time).
   * @param {number} what @param {number} pos @param {number} epoch @param {number} a @param {number} b
   */
  add(what, pos, epoch, a = 0, b = 0) {
    if (this.count === ROWS) return;
    const at = this.count * ROW;
    this.rows[at] = what;
    this.rows[at + 1] = pos;
    this.rows[at + 2] = epoch;
    this.rows[at + 3] = a;
    this.rows[at + 4] = b;
    this.rows[at + 5] = this.frame;
    this.count += 1;
  }
}

const NAMES = ["", "start", "stand", "plane", "learn", "pause", "rise", "envelope", "low", "refill"];

/**
 * @typedef {{what: string, pos: number, epoch: number, a: number, b: number, frame: number}} LogEntry
 */

/**
 * Rows of a log as records.
 * @param {Float64Array} rows
 * @param {number} count
 * @returns {LogEntry[]}
 */
export function readLog(rows, count) {
  return Array.from({ length: count }, (_, i) => {
    const [what, pos, epoch, a, b, frame] = rows.subarray(i * ROW, i * ROW + ROW);
    return { what: NAMES[what], pos, epoch, a, b, frame };
  });
}
