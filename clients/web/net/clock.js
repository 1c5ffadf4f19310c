/** The round trip to the server, smoothed as in RFC 6298 §2. Times are milliseconds of `performance.now()`. */

const ALPHA = 1 / 8;
const BETA = 1 / 4;

export class RoundTrip {
  constructor() {
    /** @type {number | null} */
    this.smoothedMs = null;
    this.variationMs = 0;
  }

  /** @param {number} ms one measurement */
  add(ms) {
    if (this.smoothedMs === null) {
      this.smoothedMs = ms;
      this.variationMs = ms / 2;
      return;
    }
    this.variationMs = (1 - BETA) * this.variationMs + BETA * Math.abs(this.smoothedMs - ms);
    this.smoothedMs = (1 - ALPHA) * this.smoothedMs + ALPHA * ms;
  }

  /** What a probe reports; empty before the first answer. */
  get report() {
    if (this.smoothedMs === null) return {};
    return { srtt_us: Math.round(this.smoothedMs * 1000), rttvar_us: Math.round(this.variationMs * 1000) };
  }
}
