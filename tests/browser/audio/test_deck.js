import { PAUSE_FRAMES, raisedCosine } from "/web/audio/curves.js";
import { Deck, STEP_FRAMES } from "/web/audio/deck.js";
import { ENDED, Log, PAUSED, WAITING, readLog } from "/web/audio/log.js";
import { close, equal, ok } from "/tests/browser/assert.js";

const TARGET = 7200;

/** A deck with an open stream of ones. @param {Partial<import("/web/audio/deck.js").DeckOptions>} [options] */
function opened(options = {}) {
  const journal = new Log();
  const deck = new Deck(journal);
  deck.open({ deck: 1, pos: 0, epoch: 0, rev: 1, gainEnv: [[0, 1]], endPos: null, targetFrames: TARGET, ...options });
  return { deck, journal };
}

/** @param {Deck} deck @param {number} frames @param {number} [value] */
function feed(deck, frames, value = 1) {
  for (let left = frames; left > 0; left -= 4800) {
    const count = Math.min(4800, left);
    deck.write(deck.ring.epoch, deck.ring.newEnd, count, new Float32Array(count * 2).fill(value), 0, -1);
  }
}

/** @param {Deck} deck @param {number} frames @returns {Float32Array} left */
function render(deck, frames) {
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  for (let done = 0; done < frames; done += STEP_FRAMES) {
    deck.render(left, right, done, Math.min(STEP_FRAMES, frames - done));
    deck.journal.frame += STEP_FRAMES;
  }
  return left;
}

/** @param {Log} journal */
function told(journal) {
  const entries = readLog(journal.rows, journal.count);
  journal.count = 0;
  return entries;
}

export function waits_for_150_ms_then_plays() {
  const { deck, journal } = opened();
  feed(deck, TARGET - 1);
  ok(render(deck, 512).every((sample) => sample === 0));
  equal(deck.ring.play, 0);
  feed(deck, 1);
  ok(render(deck, 512).every((sample) => sample === 1));
  equal(deck.ring.play, 512);
  equal(told(journal).map(({ what, pos, frame }) => [what, pos, frame]), [["start", 0, 512]]);
}

export function executes_the_envelope_in_float64_rounded_once() {
  const { deck } = opened({ gainEnv: [[0, 0], [9600, 1]] });
  feed(deck, 48000, 0.3);
  const sample = Math.fround(0.3);
  const left = render(deck, 12800);
  left.forEach((heard, pos) => {
    const gain = pos < 9600 ? 0.5 - 0.5 * Math.cos((Math.PI * pos) / 9600) : 1;
    close(heard, Math.fround(sample * Math.fround(gain)), 3e-8);
  });
}

export function ends_on_the_exact_frame() {
  const end = 10007;
  const { deck, journal } = opened({ gainEnv: [[0, 1]], endPos: end });
  feed(deck, end);
  const left = render(deck, 12800);
  ok(left.subarray(0, end).every((sample) => sample === 1));
  ok(left.subarray(end).every((sample) => sample === 0));
  const [, stand] = told(journal);
  equal([stand.what, stand.pos, stand.a], ["stand", end, ENDED]);
}

export function pause_falls_from_the_playhead_and_play_rises_where_it_stood() {
  const { deck, journal } = opened();
  feed(deck, 96000);
  render(deck, 1280);
  deck.pause();
  const falling = render(deck, PAUSE_FRAMES + 1280);
  equal(deck.ring.play, 1280 + PAUSE_FRAMES);
  falling.forEach((heard, i) => close(heard, i < PAUSE_FRAMES ? 1 - raisedCosine(i / PAUSE_FRAMES) : 0, 1e-7));
  render(deck, 4096);
  equal(deck.ring.play, 1280 + PAUSE_FRAMES);
  deck.resume();
  const rising = render(deck, PAUSE_FRAMES + 1280);
  rising.forEach((heard, i) => close(heard, i < PAUSE_FRAMES ? raisedCosine(i / PAUSE_FRAMES) : 1, 1e-7));
  const kinds = told(journal).map(({ what, pos, a }) => [what, pos, a]);
  equal(kinds, [
    ["start", 0, 0],
    ["pause", 1280, 0],
    ["stand", 1280 + PAUSE_FRAMES, PAUSED],
    ["rise", 1280 + PAUSE_FRAMES, 0],
    ["start", 1280 + PAUSE_FRAMES, 0],
  ]);
}

export function play_during_the_fall_rises_after_it() {
  const { deck } = opened();
  feed(deck, 96000);
  render(deck, 1280);
  deck.pause();
  render(deck, 1280);
  deck.resume();
  render(deck, PAUSE_FRAMES * 2);
  // a step in which it comes to stand is silent to its end
  equal(deck.ring.play, 2560 + PAUSE_FRAMES * 2 - 64);
  ok(render(deck, 128).every((sample) => sample === 1));
}

export function a_pause_while_nothing_sounds_is_only_a_hold() {
  const { deck, journal } = opened();
  deck.pause();
  feed(deck, 48000);
  ok(render(deck, 1280).every((sample) => sample === 0));
  deck.resume();
  ok(render(deck, 1280).every((sample) => sample === 1));
  ok(told(journal).every(({ what }) => what !== "pause"));
}

export function an_underrun_is_one_silence_with_short_ramps_and_no_frame_is_lost() {
  const { deck, journal } = opened();
  feed(deck, 9600);
  const before = render(deck, 12800);
  equal(deck.underruns, 1);
  const stood = deck.ring.play;
  ok(stood > 9600 - 640 && stood <= 9600);
  before.subarray(0, stood).forEach((heard, pos) => {
    close(heard, pos < stood - 480 ? 1 : 1 - raisedCosine((pos - stood + 480) / 480), 1e-7);
  });
  ok(before.subarray(stood).every((sample) => sample === 0));
  feed(deck, 9600);
  const after = render(deck, 1280);
  after.forEach((heard, i) => close(heard, i < 480 ? raisedCosine(i / 480) : 1, 1e-7));
  equal(deck.ring.play, stood + 1280);
  equal(told(journal).map(({ what }) => what), ["start", "low", "stand", "refill", "start"]);
}

export function an_envelope_in_time_changes_nothing_before_its_place() {
  const { deck, journal } = opened({ gainEnv: [[0, 1], [40000, 1], [50000, 0]], endPos: 50000 });
  feed(deck, 40000);
  render(deck, 1280);
  deck.setEnvelope(2, [[0, 1], [5000, 1], [6000, 0]], 6000);
  const left = render(deck, 6400);
  ok(left.subarray(0, 3720).every((sample) => sample === 1));
  ok(left.subarray(4720).every((sample) => sample === 0));
  equal(deck.ring.play, 6000);
  const [, envelope] = told(journal);
  equal([envelope.what, envelope.pos, envelope.a, envelope.b], ["envelope", 1280, 2, -1]);
}

export function an_envelope_that_begins_later_leaves_the_former_until_then() {
  const { deck } = opened({ gainEnv: [[0, 1], [9600, 0]], endPos: 9600 });
  feed(deck, 48000);
  render(deck, 2560);
  const middle = 1 - raisedCosine(0.5);
  deck.setEnvelope(2, [[4800, middle], [9600, 1], [40000, 1], [48000, 0]], 48000);
  const left = render(deck, 12800);
  for (let pos = 2560; pos < 4800; pos += 1) close(left[pos - 2560], 1 - raisedCosine(pos / 9600), 1e-7);
  for (let pos = 4800; pos < 9600; pos += 1) {
    close(left[pos - 2560], middle + (1 - middle) * raisedCosine((pos - 4800) / 4800), 1e-7);
  }
  ok(left.subarray(9600 - 2560).every((sample) => sample === 1));
}

export function a_late_envelope_is_joined_in_one_second() {
  const { deck, journal } = opened();
  feed(deck, 144000);
  render(deck, 12800);
  deck.setEnvelope(2, [[0, 1], [1000, 1], [2000, 0.25]], null);
  const left = render(deck, 51200);
  left.forEach((heard, i) => close(heard, i < 48000 ? 1 - 0.75 * raisedCosine(i / 48000) : 0.25, 1e-7));
  const [, envelope] = told(journal);
  equal([envelope.pos, envelope.b], [12800, 1]);
}

export function a_late_end_with_little_left_is_an_end() {
  const { deck } = opened();
  feed(deck, 15400);
  render(deck, 12800);
  deck.setEnvelope(2, [[1000, 1], [15400, 0]], 15400);
  render(deck, 12800);
  equal(deck.standing, ENDED);
}

export function who_waits_has_no_late_end_to_join() {
  const { deck } = opened();
  feed(deck, 12800);
  render(deck, 25600);
  equal(deck.standing, WAITING);
  deck.setEnvelope(2, [[1000, 1], [12810, 0]], 12810);
  feed(deck, 10);
  render(deck, 1280);
  equal(deck.standing, ENDED);
}

export function the_highest_revision_wins() {
  const { deck } = opened({ rev: 5 });
  feed(deck, 48000);
  deck.setEnvelope(4, [[0, 0]], 100);
  ok(render(deck, 1280).every((sample) => sample === 1));
}

export function fades_alone_without_the_server() {
  const { deck } = opened();
  feed(deck, 48000);
  render(deck, 1280);
  deck.fadeAlone(9600);
  const left = render(deck, 12800);
  left.forEach((heard, i) => close(heard, i < 9600 ? 1 - raisedCosine(i / 9600) : 0, 1e-7));
  equal(deck.standing, ENDED);
}

export function leaves_the_stage_with_a_fall() {
  const { deck } = opened();
  feed(deck, 48000);
  render(deck, 1280);
  const [left, right] = [new Float32Array(PAUSE_FRAMES), new Float32Array(PAUSE_FRAMES)];
  equal(deck.leave(left, right), PAUSE_FRAMES);
  left.forEach((heard, i) => close(heard, 1 - raisedCosine(i / PAUSE_FRAMES), 1e-7));
  ok(render(deck, 1280).every((sample) => sample === 0));
}

export function says_how_late_a_splice_came() {
  const { deck } = opened();
  feed(deck, 48000);
  render(deck, 6400);
  deck.learn(1, 6500);
  render(deck, 1280);
  deck.write(1, 6500, 960, new Float32Array(1920).fill(1), 0, -1);
  equal(deck.lateFrames, 6400 + 1280 + 608 - 6500);
  equal(deck.standing, WAITING);
}
