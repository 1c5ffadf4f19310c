/** How far the newest epoch reaches without a gap: what the client may say that it has. */

import { isNewer } from "../audio/epoch.js";

export class Run {
  /** @param {number} pos @param {number} epoch */
  constructor(pos, epoch) {
    this.end = pos;
    /** The stream's generation as the server counts it; packets carry its low byte. */
    this.epoch = epoch;
    /** The same as the ring counts it: a restored stream begins with another number, the ring goes on. */
    this.ringEpoch = epoch & 0xff;
  }

  /**
   * Another numbering, after a restore; what is there stays good.
   * @param {number} epoch
   */
  renumber(epoch) {
    this.epoch = epoch;
  }

  /**
   * True where that epoch was not known.
   * @param {number} epoch
   * @param {number} from its first frame
   */
  learn(epoch, from) {
    if (epoch <= this.epoch) return false;
    this.epoch = epoch;
    this.ringEpoch = (this.ringEpoch + 1) & 0xff;
    this.end = Math.min(this.end, from);
    return true;
  }

  /**
   * The generation that a packet means by its low byte, or −1 for one of the past.
   * @param {number} low
   */
  generation(low) {
    if (low === (this.epoch & 0xff)) return this.epoch;
    return isNewer(low, this.epoch & 0xff) ? this.epoch + ((low - this.epoch) & 0xff) : -1;
  }

  /**
   * False where a gap lies before these frames.
   * @param {number} pos
   * @param {number} frames
   */
  add(pos, frames) {
    if (pos > this.end) return false;
    this.end = Math.max(this.end, pos + frames);
    return true;
  }
}
