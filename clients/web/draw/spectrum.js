/**
 * What is heard, as 64 slow levels. A level follows within 400 ms and falls within 1.6 s, so the picture
 * breathes with the loudness and knows nothing of the modulation.
 */

const BANDS = 64;
const LOW_HZ = 110;
const HIGH_HZ = 12_000;
const TILT_DB = 4.5;
const TILT_FROM_HZ = 110;
const FLOOR_DB = -60;
const CEILING_DB = -12;
const ATTACK_S = 0.4;
const RELEASE_S = 1.6;
const FFT = 8192;
const LEVEL_WINDOW_S = 3;
/** From the sum of an AnalyserNode's bins to mean square: both halves of the spectrum, and the Blackman window's power. */
const POWER = 2 / 0.3046;

export class Spectrum {
  /** 0 at −60 dB, 1 at −12 dB */
  levels = new Float32Array(BANDS);
  /** Mean square of the last seconds. */
  #power = 0;
  #bins = new Float32Array(FFT / 2);
  #samples = new Float32Array(FFT);

  /** @param {AnalyserNode | null} analyser @param {number} step_s since the last reading; Infinity: at once */
  read(analyser, step_s) {
    if (!analyser) return;
    if (analyser.fftSize !== FFT) {
      analyser.fftSize = FFT;
      analyser.smoothingTimeConstant = 0;
    }
    analyser.getFloatFrequencyData(this.#bins);
    const heard = smooth(smooth(bandLevels(this.#bins, analyser.context.sampleRate)));
    for (let band = 0; band < BANDS; band += 1) {
      const difference = heard[band] - this.levels[band];
      this.levels[band] += difference * (1 - Math.exp(-step_s / (difference > 0 ? ATTACK_S : RELEASE_S)));
    }
    this.#measure(analyser, step_s);
  }

  /** RMS level of left and right together, −∞ when silent. */
  get level_db() {
    return this.#power > 1e-10 ? 10 * Math.log10(this.#power) : -Infinity;
  }

  /** @param {AnalyserNode} analyser @param {number} step_s */
  #measure(analyser, step_s) {
    analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    this.#power += (sum / FFT - this.#power) * (1 - Math.exp(-step_s / LEVEL_WINDOW_S));
  }
}

/**
 * The power of log bands, tilted by 4.5 dB an octave so that music stays round.
 * @param {Float32Array} bins dB @param {number} rate_hz
 * @returns {Float32Array} 0–1
 */
function bandLevels(bins, rate_hz) {
  const levels = new Float32Array(BANDS);
  const bin_hz = rate_hz / FFT;
  const octaves = Math.log2(HIGH_HZ / LOW_HZ);
  for (let band = 0; band < BANDS; band += 1) {
    const from_hz = LOW_HZ * 2 ** ((octaves * band) / BANDS);
    const to_hz = LOW_HZ * 2 ** ((octaves * (band + 1)) / BANDS);
    const first = Math.floor(from_hz / bin_hz);
    const last = Math.max(first + 1, Math.ceil(to_hz / bin_hz));
    let power = 0;
    for (let bin = first; bin < last; bin += 1) power += 10 ** (bins[bin] / 10);
    const width = (to_hz - from_hz) / bin_hz / (last - first);
    const tilt_db = TILT_DB * Math.log2(Math.sqrt(from_hz * to_hz) / TILT_FROM_HZ);
    const level_db = 10 * Math.log10(POWER * power * width + 1e-20) + tilt_db;
    levels[band] = Math.min(1, Math.max(0, (level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
  }
  return levels;
}

/** Mean of three neighbours. @param {Float32Array} levels @returns {Float32Array} */
function smooth(levels) {
  return levels.map(
    (level, i) => (levels[Math.max(0, i - 1)] + level + levels[Math.min(levels.length - 1, i + 1)]) / 3,
  );
}
