/**
 * Plays one stream from its ring: decides what sounds at each frame (which plane, which gains, whether the position moves
 * at all) and says so in the log. Everything is at 48 kHz and in stream positions; nothing is allocated while it renders.
 */

import { Envelope, Gain, PAUSE_FRAMES, Ramp } from "./curves.js";
import * as log from "./log.js";
import { FADE_FRAMES, LOW_FRAMES, Ring } from "./ring.js";

/** The longest stretch between two decisions. */
export const STEP_FRAMES = 128;

/**
 * @typedef {object} DeckOptions
 * @property {number} deck number of this stream in the page's life
 * @property {number} pos first frame
 * @property {number} epoch
 * @property {number} rev
 * @property {[number, number][]} gainEnv
 * @property {number | null} endPos
 * @property {number} targetFrames what must be there before it sounds
 */

export class Deck {
  /** @param {log.Log} journal */
  constructor(journal) {
    this.journal = journal;
    this.ring = new Ring();
    this.pauseRamp = new Ramp(PAUSE_FRAMES);
    this.gate = new Ramp(FADE_FRAMES);
    this.gain = new Gain(new Envelope([]), -1);
    this.deck = 0;
    this.targetFrames = 0;
    /** Behind it there will be no sound. */
    this.soundEnd = Infinity;
    this.isOpen = false;
    /** True while the position moves. */
    this.isMoving = false;
    /** Why it does not. */
    this.standing = log.WAITING;
    this.isHeld = false;
    this.resumesWhenDown = false;
    this.underruns = 0;
    this.lateFrames = 0;
    this.played = 0;
    this.gains = new Float64Array(STEP_FRAMES);
  }

  /** @param {DeckOptions} options */
  open(options) {
    this.ring.reset(options.pos, options.epoch);
    this.soundEnd = options.endPos ?? Infinity;
    this.ring.endPos = this.soundEnd;
    this.pauseRamp.reset();
    this.gate.reset();
    this.gain = new Gain(new Envelope(options.gainEnv), options.rev);
    this.deck = options.deck;
    this.targetFrames = options.targetFrames;
    this.isOpen = true;
    this.isMoving = false;
    this.standing = log.WAITING;
    this.isHeld = false;
    this.resumesWhenDown = false;
    this.underruns = 0;
    this.lateFrames = 0;
    this.played = 0;
  }

  /** @param {number} epoch @param {number} from */
  learn(epoch, from) {
    const { ring } = this;
    const reach = ring.newEnd;
    if (ring.learn(epoch, from)) this.journal.add(log.LEARN, ring.play, epoch, from, reach);
  }

  /**
   * A packet of this stream. A splice tells of its epoch by itself; one without frames is the news alone.
   * @param {number} epoch @param {number} pos @param {number} frames
   * @param {Float32Array} source @param {number} at @param {number} mask
   */
  write(epoch, pos, frames, source, at, mask) {
    const { ring } = this;
    if (epoch !== ring.epoch) this.learn(epoch, pos);
    if (epoch !== ring.epoch) return;
    if (frames === 0) return;
    if (this.isMoving && ring.isAwaiting) this.lateFrames = Math.max(this.lateFrames, ring.play + LOW_FRAMES - pos);
    ring.write(pos, frames, source, at, mask);
  }

  /**
   * @param {number} rev
   * @param {[number, number][]} points
   * @param {number | null} endPos
   */
  setEnvelope(rev, points, endPos) {
    if (rev <= this.gain.rev) return;
    this.replaceEnvelope(rev, points, endPos);
  }

  /**
   * Fades from the present gain and ends, without a word from the server; its next revision still wins.
   * @param {number} frames
   */
  fadeAlone(frames) {
    const { play } = this.ring;
    const end = play + frames;
    this.replaceEnvelope(this.gain.rev, [[play, this.gain.at(play)], [end, 0]], end);
  }

  /**
   * @param {number} rev
   * @param {[number, number][]} points
   * @param {number | null} endPos
   */
  replaceEnvelope(rev, points, endPos) {
    const { play } = this.ring;
    const isLate = this.gain.replace(new Envelope(points), rev, play);
    this.soundEnd = endPos ?? Infinity;
    // whoever stands has nothing to join, and would wait for sound beyond the end for ever
    this.ring.endPos = isLate && this.isMoving ? Math.max(this.soundEnd, this.gain.joinEnd) : this.soundEnd;
    this.journal.add(log.ENVELOPE, play, this.ring.epoch, rev, isLate ? this.gain.joinGain : -1);
  }

  pause() {
    this.resumesWhenDown = false;
    if (!this.isMoving) this.isHeld = this.standing === log.WAITING;
    else if (this.pauseRamp.fallPos === Infinity) {
      this.pauseRamp.fall(this.ring.play);
      this.journal.add(log.PAUSE, this.ring.play, this.ring.epoch);
    }
  }

  resume() {
    this.isHeld = false;
    if (this.pauseRamp.fallPos === Infinity) return;
    if (this.isMoving || this.standing === log.WAITING) this.resumesWhenDown = true;
    else this.rise();
  }

  rise() {
    this.resumesWhenDown = false;
    this.pauseRamp.rise();
    this.standing = log.WAITING;
    this.journal.add(log.RISE, this.ring.play, this.ring.epoch);
  }

  /**
   * The next frames; silence where nothing is to be heard.
   * @param {Float32Array} left @param {Float32Array} right @param {number} offset
   * @param {number} frames at most STEP_FRAMES
   */
  render(left, right, offset, frames) {
    let sounding = 0;
    if (this.isMoving || this.canStart()) {
      this.look();
      sounding = Math.min(frames, this.stopPos - this.ring.play);
      this.play(left, right, offset, sounding);
      if (this.ring.play >= this.stopPos) this.stand();
    }
    left.fill(0, offset + sounding, offset + frames);
    right.fill(0, offset + sounding, offset + frames);
  }

  /** Where the position will stand still, as far as is known. */
  get stopPos() {
    return Math.min(this.pauseRamp.standPos, this.gate.standPos, this.ring.endPos);
  }

  /** Starts to move where enough is there. */
  canStart() {
    const { ring } = this;
    const isPausing = this.pauseRamp.fallPos !== Infinity && !this.resumesWhenDown;
    if (!this.isOpen || this.standing !== log.WAITING || this.isHeld || isPausing) return false;
    if (ring.preferNew()) this.journal.add(log.PLANE, ring.play, ring.epoch, ring.plane, 1);
    if (ring.newLeft < this.targetFrames && ring.play + ring.newLeft < ring.endPos) return false;
    if (this.gate.fallPos !== Infinity) {
      this.gate.rise();
      this.journal.add(log.REFILL, ring.play, ring.epoch);
    }
    this.isMoving = true;
    this.journal.add(log.START, ring.play, ring.epoch);
    return true;
  }

  /** Looks ahead: another plane, or the way to silence while there is still sound for it. */
  look() {
    const { ring, gate } = this;
    if (ring.choosePlane()) this.journal.add(log.PLANE, ring.play, ring.epoch, ring.plane);
    if (gate.fallPos !== Infinity || ring.left >= LOW_FRAMES || ring.isComplete) return;
    if (ring.play + ring.left >= this.pauseRamp.standPos) return;
    gate.fall(ring.play);
    this.underruns += 1;
    this.journal.add(log.LOW, ring.play, ring.epoch);
  }

  /**
   * @param {Float32Array} left @param {Float32Array} right @param {number} offset @param {number} frames
   */
  play(left, right, offset, frames) {
    const { ring, gains } = this;
    for (let i = 0; i < frames; i += 1) gains[i] = this.gainAt(ring.play + i);
    ring.read(left, right, offset, frames);
    for (let i = 0; i < frames; i += 1) {
      const gain = Math.fround(gains[i]);
      left[offset + i] *= gain;
      right[offset + i] *= gain;
    }
    this.played += frames;
  }

  /** @param {number} pos */
  gainAt(pos) {
    return this.gain.at(pos) * this.pauseRamp.at(pos) * this.gate.at(pos);
  }

  stand() {
    const { ring, pauseRamp } = this;
    this.isMoving = false;
    if (ring.play >= ring.endPos) this.standing = log.ENDED;
    else this.standing = ring.play >= pauseRamp.standPos ? log.PAUSED : log.WAITING;
    if (this.standing === log.WAITING) ring.endPos = this.soundEnd;
    this.journal.add(log.STAND, ring.play, ring.epoch, this.standing);
    if (this.standing === log.PAUSED && this.resumesWhenDown) this.rise();
  }

  /**
   * Leaves the stage for another stream: its last frames, falling, are rendered ahead. Returns how many they are.
   * @param {Float32Array} left @param {Float32Array} right
   */
  leave(left, right) {
    const wasMoving = this.isMoving;
    const frames = wasMoving ? Math.min(left.length, this.ring.left, this.stopPos - this.ring.play) : 0;
    const fall = new Ramp(Math.max(frames, 1));
    const start = this.ring.play;
    fall.fall(start);
    for (let done = 0; done < frames; done += STEP_FRAMES) {
      this.play(left, right, done, Math.min(STEP_FRAMES, frames - done));
    }
    for (let i = 0; i < frames; i += 1) {
      const gain = Math.fround(fall.at(start + i));
      left[i] *= gain;
      right[i] *= gain;
    }
    this.isOpen = false;
    this.isMoving = false;
    return frames;
  }
}
