/**
 * Two planes of the same positions. *new* holds the newest parameter epoch that is known, *old* what would be played
 * without it. A splice that is late or cut short is heard as the sound from before, crossfaded, never as a click.
 *
 * The old plane is kept by copy on write: positions of *new* that the newest epoch has not reached yet still hold the sound
 * from before, and only what it overwrites moves over. So learning of an epoch costs nothing, however deep the buffer is.
 */

import { raisedCosine } from "./curves.js";
import { isNewer } from "./epoch.js";

/** Frames that a ring holds: the deepest horizon (20 s) and what is in flight, as a power of two. */
export const RING_FRAMES = 2 ** 20;
export const FADE_FRAMES = 480;
/** Fewer frames of *new* than this start the way over to *old*: one fade and one render quantum. */
export const LOW_FRAMES = FADE_FRAMES + 128;
/** Frames of *new* that must be there for the way back: the fade, and enough not to turn round at its end. */
const BACK_FRAMES = LOW_FRAMES + FADE_FRAMES;

export const NEW = 0;
export const OLD = 1;

const WEIGHTS = Float64Array.from({ length: FADE_FRAMES }, (_, i) => raisedCosine(i / FADE_FRAMES));

export class Ring {
  /** The playhead: the next frame that sounds. */
  play = 0;
  epoch = 0;
  plane = NEW;
  /** Where the running crossfade began; it leads to `plane`. */
  fadePos = -Infinity;
  /** The run of the newest epoch is `newFrom ≤ p < newEnd`. */
  newFrom = 0;
  newEnd = 0;
  /** From here to `newEnd` the sound from before lies in the old plane. */
  movedFrom = 0;
  /** From `newEnd` to here it still lies in the new plane. */
  staleEnd = 0;
  endPos = Infinity;
  /** True from the news of an epoch to its first frames. */
  isAwaiting = false;

  constructor(frames = RING_FRAMES) {
    this.frames = frames;
    this.newer = new Float32Array(frames * 2);
    this.older = new Float32Array(frames * 2);
  }

  /** @param {number} pos first frame of a stream @param {number} epoch */
  reset(pos, epoch) {
    this.play = this.newFrom = this.newEnd = this.movedFrom = this.staleEnd = pos;
    this.epoch = epoch;
    this.plane = NEW;
    this.fadePos = -Infinity;
    this.endPos = Infinity;
    this.isAwaiting = false;
  }

  get isFading() {
    return this.play < this.fadePos + FADE_FRAMES;
  }

  /** Frames of the newest epoch from the playhead on. */
  get newLeft() {
    return this.play < this.newFrom ? 0 : Math.max(0, this.newEnd - this.play);
  }

  /** Frames of the sound from before, from the playhead on. */
  get oldLeft() {
    return Math.max(0, Math.max(this.staleEnd, this.movedFrom) - this.play);
  }

  /** Frames that can be played, whatever happens. */
  get left() {
    return Math.max(this.newLeft, this.oldLeft);
  }

  /** True where everything up to the end of the stream is there. */
  get isComplete() {
    return this.play + this.left >= this.endPos;
  }

  /**
   * Learns of an epoch that sounds from `from` on (the splice's first frame). True if it was news.
   * @param {number} epoch
   * @param {number} from
   */
  learn(epoch, from) {
    if (!isNewer(epoch, this.epoch)) return false;
    this.epoch = epoch;
    if (from >= this.newEnd) return true;
    const isLate = from < this.play + LOW_FRAMES;
    if (this.plane === NEW && !isLate) {
      this.bake(Math.min(this.newEnd, this.fadePos + FADE_FRAMES));
      this.cutAt(from);
    } else {
      // what was to be heard lies in the new plane, as the sound from before: same samples, so no crossfade
      if (this.plane === OLD || this.isFading) this.bakeOld();
      this.cutAt(from);
      this.newFrom = from;
      this.plane = OLD;
    }
    this.fadePos = -Infinity;
    return true;
  }

  /** @param {number} from where the run of the newest epoch begins again */
  cutAt(from) {
    const seam = this.blend(from);
    this.staleEnd = Math.max(this.staleEnd, this.newEnd);
    this.newEnd = from;
    this.movedFrom = Math.min(seam, from);
    this.isAwaiting = true;
  }

  /**
   * The run that ends here goes over into the sound from before it, so that together they can be what is played without the
   * epoch that comes. Where the coming run shares the new plane with it (before `from`), that lies in the old one. Returns
   * where the crossfade begins.
   * @param {number} from
   */
  blend(from) {
    const end = this.newEnd;
    const start = Math.max(end - FADE_FRAMES, this.play, this.movedFrom);
    if (this.staleEnd <= end || start >= end) return from;
    for (let pos = start; pos < end; pos += 1) {
      const at = (pos & (this.frames - 1)) * 2;
      const weight = raisedCosine((pos - start) / (end - start));
      const target = pos < from ? this.older : this.newer;
      target[at] = this.newer[at] + weight * (this.older[at] - this.newer[at]);
      target[at + 1] = this.newer[at + 1] + weight * (this.older[at + 1] - this.newer[at + 1]);
    }
    return start;
  }

  /** The sound from before ends before the run does: there it goes over into it. */
  bakeOld() {
    const end = Math.min(this.newEnd, this.play + this.oldLeft);
    const start = end < this.newEnd ? Math.max(this.play, end - FADE_FRAMES) : end;
    this.bake(start);
    for (let pos = start; pos < end; pos += 1) {
      const at = (pos & (this.frames - 1)) * 2;
      const weight = raisedCosine((pos - start) / (end - start));
      const left = this.heard(pos, 0);
      const right = this.heard(pos, 1);
      this.newer[at] = left + weight * (this.newer[at] - left);
      this.newer[at + 1] = right + weight * (this.newer[at + 1] - right);
    }
  }

  /**
   * Writes what the two planes give into the new one, so that a third sound can become the newest.
   * @param {number} end
   */
  bake(end) {
    for (let pos = this.play; pos < end; pos += 1) {
      const at = (pos & (this.frames - 1)) * 2;
      this.newer[at] = this.heard(pos, 0);
      this.newer[at + 1] = this.heard(pos, 1);
    }
  }

  /**
   * Takes samples of the newest epoch. What is there already is skipped; after a gap nothing is taken.
   * @param {number} pos
   * @param {number} frames
   * @param {Float32Array} source interleaved
   * @param {number} at index of the first sample in `source`
   * @param {number} mask wraps indices of a circular source; −1 for a plain one
   */
  write(pos, frames, source, at, mask) {
    const end = pos + frames;
    if (end > this.play + this.frames) return false;
    if (pos > this.newEnd) return false;
    this.isAwaiting = false;
    for (let p = Math.max(pos, this.newEnd); p < end; p += 1) {
      const to = (p & (this.frames - 1)) * 2;
      const from = at + (p - pos) * 2;
      if (p < this.staleEnd) {
        this.older[to] = this.newer[to];
        this.older[to + 1] = this.newer[to + 1];
      }
      this.newer[to] = source[from & mask];
      this.newer[to + 1] = source[(from + 1) & mask];
    }
    this.newEnd = Math.max(this.newEnd, end);
    return true;
  }

  /**
   * One sample of the sound from before; where that has ended, of the newest.
   * @param {number} pos
   * @param {number} channel
   */
  before(pos, channel) {
    const isMoved = pos >= this.movedFrom && pos < Math.min(this.newEnd, this.staleEnd);
    const plane = isMoved ? this.older : this.newer;
    return plane[(pos & (this.frames - 1)) * 2 + channel];
  }

  /**
   * One sample as it is heard: a plane, or the way from one to the other.
   * @param {number} pos
   * @param {number} channel
   */
  heard(pos, channel) {
    const since = pos - this.fadePos;
    if (since >= FADE_FRAMES) {
      return this.plane === OLD ? this.before(pos, channel) : this.newer[(pos & (this.frames - 1)) * 2 + channel];
    }
    const old = this.before(pos, channel);
    const difference = this.newer[(pos & (this.frames - 1)) * 2 + channel] - old;
    const weight = this.plane === NEW ? WEIGHTS[since] : 1 - WEIGHTS[since];
    return Math.fround(old + weight * difference);
  }

  /** Chooses the plane for the next frames; true where it changed. Called at least every 128 frames. */
  choosePlane() {
    if (this.isFading) return false;
    const { newLeft, play, endPos } = this;
    if (this.plane === NEW) {
      if (newLeft >= LOW_FRAMES || play + newLeft >= endPos || this.oldLeft <= newLeft) return false;
      this.plane = OLD;
    } else {
      const isLong = newLeft >= Math.min(BACK_FRAMES, endPos - play);
      const isLast = this.oldLeft < LOW_FRAMES && newLeft > this.oldLeft;
      if (newLeft === 0 || !(isLong || isLast)) return false;
      this.plane = NEW;
    }
    this.fadePos = play;
    return true;
  }

  /** In silence the planes change at once. True where that put the newest epoch on. */
  preferNew() {
    if (this.newFrom > this.play && this.newFrom <= this.play + this.oldLeft) this.newFrom = this.play;
    if ((this.plane === NEW && !this.isFading) || this.newLeft === 0) return false;
    this.plane = NEW;
    this.fadePos = -Infinity;
    return true;
  }

  /**
   * Plays the next frames.
   * @param {Float32Array} left
   * @param {Float32Array} right
   * @param {number} offset
   * @param {number} frames no more than `left` says
   */
  read(left, right, offset, frames) {
    for (let i = 0; i < frames; i += 1) {
      left[offset + i] = this.heard(this.play + i, 0);
      right[offset + i] = this.heard(this.play + i, 1);
    }
    this.play += frames;
  }
}
