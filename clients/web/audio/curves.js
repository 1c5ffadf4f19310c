/**
 * Gains over stream positions: envelopes and ramps, raised cosines in float64. The same arithmetic as the engine's `play`,
 * so that what reaches the destination can be compared with a render, sample for sample.
 */

/** Frames over which pause and play ramp. */
export const PAUSE_FRAMES = 14400;
/** Gains closer than this are the same: no step can be heard, nor found in float32. */
const SAME_GAIN = 1e-9;
/** Frames over which an envelope that came late is joined from the present gain. */
export const JOIN_FRAMES = 48000;

/**
 * Raised cosine from 0 at u = 0 to 1 at u = 1.
 * @param {number} u
 */
export function raisedCosine(u) {
  return 0.5 - 0.5 * Math.cos(Math.PI * u);
}

/** A gain envelope: points `[pos, gain]`, raised cosines between them, constant outside. */
export class Envelope {
  /** @param {ReadonlyArray<readonly [number, number]>} points in rising positions */
  constructor(points) {
    this.positions = Float64Array.from(points, ([pos]) => pos);
    this.gains = Float64Array.from(points, ([, gain]) => gain);
  }

  /** Position of the first point. */
  get start() {
    return this.positions.length > 0 ? this.positions[0] : -Infinity;
  }

  /** @param {number} pos */
  at(pos) {
    const { positions, gains } = this;
    const last = positions.length - 1;
    if (last < 0) return 1;
    if (pos <= positions[0]) return gains[0];
    if (pos >= positions[last]) return gains[last];
    let segment = last - 1;
    while (positions[segment] > pos) segment -= 1;
    const start = positions[segment];
    const u = (pos - start) / (positions[segment + 1] - start);
    return gains[segment] + (gains[segment + 1] - gains[segment]) * raisedCosine(u);
  }
}

/**
 * The envelope in force. Before the first point of a newer one the former holds; one that comes too late is joined from the
 * present gain.
 */
export class Gain {
  /** @param {Envelope} envelope @param {number} rev */
  constructor(envelope, rev) {
    this.envelope = envelope;
    this.former = envelope;
    this.changePos = -Infinity;
    this.rev = rev;
    this.joinPos = -Infinity;
    this.joinGain = 1;
  }

  /** Where the way over from the former envelope ends. */
  get joinEnd() {
    return this.joinPos + JOIN_FRAMES;
  }

  /** @param {number} pos */
  at(pos) {
    const gain = (pos < this.changePos ? this.former : this.envelope).at(pos);
    if (pos >= this.joinEnd || pos < this.joinPos) return gain;
    return this.joinGain + (gain - this.joinGain) * raisedCosine((pos - this.joinPos) / JOIN_FRAMES);
  }

  /**
   * Takes a newer envelope at `pos`; true where it differs from the one in force there, so that it is joined over 1 s.
   * @param {Envelope} envelope
   * @param {number} rev
   * @param {number} pos
   */
  replace(envelope, rev, pos) {
    const present = this.at(pos);
    if (pos >= this.changePos) this.former = this.envelope;
    this.envelope = envelope;
    this.rev = rev;
    this.changePos = envelope.start;
    const isLate = pos >= this.changePos && Math.abs(present - envelope.at(pos)) > SAME_GAIN;
    if (isLate) {
      this.joinPos = pos;
      this.joinGain = present;
    }
    return isLate;
  }
}

/** Falls to silence and rises again, as a function of position: while it is down the position stands still. */
export class Ramp {
  /** @param {number} frames of the fall, and of the rise */
  constructor(frames) {
    this.frames = frames;
    this.fallPos = Infinity;
    this.risePos = -Infinity;
  }

  /** Where the fall ends and the position stands. */
  get standPos() {
    return this.fallPos + this.frames;
  }

  /** @param {number} pos no further than `standPos` */
  at(pos) {
    let gain = 1;
    if (pos < this.risePos + this.frames) gain *= raisedCosine((pos - this.risePos) / this.frames);
    if (pos >= this.fallPos) gain *= 1 - raisedCosine((pos - this.fallPos) / this.frames);
    return gain;
  }

  /** @param {number} pos where the fall begins */
  fall(pos) {
    this.fallPos = pos;
  }

  /** Rises from where it stands. */
  rise() {
    this.risePos = this.standPos;
    this.fallPos = Infinity;
  }

  reset() {
    this.fallPos = Infinity;
    this.risePos = -Infinity;
  }
}
