/** What the worklet tells the worker: one row of numbers, so that nothing is allocated to say it. */

import { readLog } from "./log.js";

/** Fields before the rows of the log. */
export const TICK_FIELDS = 9;

/**
 * @param {Float64Array} tick
 * @param {import("./deck.js").Deck} deck
 * @param {import("./log.js").Log} journal
 */
export function fillTick(tick, deck, journal) {
  const { ring } = deck;
  tick[0] = deck.deck;
  tick[1] = ring.play;
  tick[2] = ring.play + ring.left;
  tick[3] = deck.isMoving ? 0 : deck.standing;
  tick[4] = deck.underruns;
  tick[5] = deck.lateFrames;
  tick[6] = deck.played;
  tick[7] = journal.frame;
  tick[8] = journal.count;
  tick.set(journal.rows, TICK_FIELDS);
}

/**
 * @typedef {object} Tick
 * @property {number} deck number of the stream that it speaks of
 * @property {number} play the playhead
 * @property {number} end how far there is something to play
 * @property {number} standing 0 while the position moves, else why it stands (`log.js`)
 * @property {number} underruns
 * @property {number} lateFrames how much too late a splice came since the last tick
 * @property {number} played frames
 * @property {number} frame frames at 48 kHz that left the worklet, silence included
 * @property {import("./log.js").LogEntry[]} log
 */

/**
 * @param {Float64Array} row
 * @returns {Tick}
 */
export function readTick(row) {
  const [deck, play, end, standing, underruns, lateFrames, played, frame, count] = row;
  const log = readLog(row.subarray(TICK_FIELDS), count);
  return { deck, play, end, standing, underruns, lateFrames, played, frame, log };
}
