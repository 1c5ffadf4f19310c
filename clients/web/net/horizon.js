/** How far ahead of the playhead the server may send: small at the click and under a hand, deep when nothing happens. */

const RATE_HZ = 48000;
export const OPEN_FRAMES = 9600;
const COLLAPSED_FRAMES = 12000;
const DEEP_FRAMES = 10 * RATE_HZ;
const HIDDEN_FRAMES = 20 * RATE_HZ;
/** Frames without a change after which it grows again. */
const QUIET_FRAMES = RATE_HZ;
/** Growth a second: doubling from the start, at most this much of real time after a change (with the playhead's own: 3 ×). */
const REGROWTH = 2;
const MIN_TICK_FRAMES = 1200;

export class Horizon {
  /** @param {boolean} [isHidden] the page is behind another one */
  constructor(isHidden = false) {
    this.frames = OPEN_FRAMES;
    this.isHidden = isHidden;
    this.hasCollapsed = false;
    this.quietFrames = 0;
    this.advancedTo = 0;
  }

  /** Begins anew, at the first frame of a stream. @param {number} pos */
  open(pos) {
    this.frames = OPEN_FRAMES;
    this.hasCollapsed = false;
    this.advancedTo = pos;
  }

  /** The first position that the server must not reach. @param {number} play */
  limit(play) {
    return play + Math.round(this.frames);
  }

  /** A change comes: what is sent now would be overwritten. */
  collapse() {
    this.frames = Math.min(this.frames, COLLAPSED_FRAMES);
    this.hasCollapsed = true;
    this.quietFrames = 0;
  }

  /** Grows with what was played. @param {number} play */
  advance(play) {
    const played = Math.max(0, play - this.advancedTo);
    this.advancedTo = play;
    this.quietFrames += played;
    if (this.hasCollapsed && this.quietFrames < QUIET_FRAMES) return;
    const doubled = this.frames * 2 ** (played / RATE_HZ);
    const grown = this.hasCollapsed ? Math.min(doubled, this.frames + REGROWTH * played) : doubled;
    const deepest = this.isHidden ? HIDDEN_FRAMES : DEEP_FRAMES;
    this.frames = Math.min(Math.max(grown, OPEN_FRAMES), deepest);
  }

  /** Frames between two ticks. */
  get tickFrames() {
    return Math.min(Math.max(Math.round(this.frames / 8), MIN_TICK_FRAMES), RATE_HZ);
  }
}
