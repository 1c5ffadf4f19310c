/**
 * From 48 kHz to the rate of the sound card, with continuous phase: a windowed sinc (Kaiser, β = 10, image and alias
 * rejection ≥ 100 dB) in a table of every phase that the ratio of the two rates has.
 */

const SOURCE_HZ = 48000;
const TAPS = 64;
const BETA = 10;
const HISTORY = 8192;

/** @param {number} a @param {number} b @returns {number} */
function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}

/** Modified Bessel function of order zero, by its power series. @param {number} x */
function besselI0(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * Rows of taps, one row a phase: row r interpolates at r/phases of a frame behind the middle of the taps.
 * @param {number} phases @param {number} taps @param {number} cutoff as a share of the source's Nyquist frequency
 */
function sincTable(phases, taps, cutoff) {
  const table = new Float64Array(phases * taps);
  for (let phase = 0; phase < phases; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const x = tap - (taps / 2 - 1) - phase / phases;
      const shape = Math.max(0, 1 - (x / (taps / 2)) ** 2);
      const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
      const value = (sinc * besselI0(BETA * Math.sqrt(shape))) / besselI0(BETA);
      table[phase * taps + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap += 1) table[phase * taps + tap] /= sum;
  }
  return table;
}

export class Resampler {
  /** @param {number} targetHz */
  constructor(targetHz) {
    const divisor = gcd(SOURCE_HZ, targetHz);
    const ratio = SOURCE_HZ / targetHz;
    /** Source frames a target frame, as the fraction step / phases. */
    this.step = SOURCE_HZ / divisor;
    this.phases = targetHz / divisor;
    this.taps = Math.ceil((TAPS * Math.max(1, ratio)) / 2) * 2;
    // the middle of the transition lies where the lower of the two rates folds
    this.table = sincTable(this.phases, this.taps, ratio > 1 ? 1 / ratio : 1 - 1 / 24);
    this.left = new Float32Array(HISTORY);
    this.right = new Float32Array(HISTORY);
    this.filled = this.taps;
    this.at = 0;
    this.phase = 0;
  }

  /** Source frames that must be added before `frames` can be made. @param {number} frames */
  wants(frames) {
    const last = this.at + Math.floor((this.phase + (frames - 1) * this.step) / this.phases) + this.taps;
    return Math.max(0, last - this.filled);
  }

  /** Index in `left` and `right` where the next `frames` source frames are to be put. @param {number} frames */
  room(frames) {
    if (this.filled + frames > HISTORY) {
      this.left.copyWithin(0, this.at, this.filled);
      this.right.copyWithin(0, this.at, this.filled);
      this.filled -= this.at;
      this.at = 0;
    }
    const start = this.filled;
    this.filled += frames;
    return start;
  }

  /** @param {Float32Array} left @param {Float32Array} right */
  make(left, right) {
    const { table, taps } = this;
    for (let i = 0; i < left.length; i += 1) {
      const row = this.phase * taps;
      let sumLeft = 0;
      let sumRight = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        sumLeft += table[row + tap] * this.left[this.at + tap];
        sumRight += table[row + tap] * this.right[this.at + tap];
      }
      left[i] = sumLeft;
      right[i] = sumRight;
      const next = this.phase + this.step;
      this.at += Math.floor(next / this.phases);
      this.phase = next % this.phases;
    }
  }
}
