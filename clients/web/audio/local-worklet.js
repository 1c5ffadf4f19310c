/** Soft brown noise, made on this device: white noise through a leaky sum, each ear on its own. */

const LEAK = 0.985;
/** About as loud as everything else here: −24 dB RMS. */
const GAIN = 0.02;

class LocalNoise extends AudioWorkletProcessor {
  #sums = [0, 0];

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, [output]) {
    output.forEach((channel, ear) => {
      let sum = this.#sums[ear];
      for (let i = 0; i < channel.length; i += 1) {
        sum = LEAK * sum + (2 * Math.random() - 1);
        channel[i] = GAIN * sum;
      }
      this.#sums[ear] = sum;
    });
    return true;
  }
}

registerProcessor("soundwell-local", LocalNoise);
