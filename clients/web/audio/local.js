/** A plain sound for when there is no server: noise that this device makes by itself. */

const WORKLET_URL = new URL("./local-worklet.js", import.meta.url);
const RISE_S = 0.7;
const FALL_S = 0.1;
const GONE_MS = 600;

export class LocalSound {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #gain = null;

  get isPlaying() {
    return this.#context !== null;
  }

  /** Call it inside the gesture. @param {number} volume 0–1 */
  async start(volume) {
    const context = new AudioContext();
    this.#context = context;
    await context.audioWorklet.addModule(WORKLET_URL);
    if (this.#context !== context) return;
    const gain = context.createGain();
    gain.gain.value = 0;
    gain.gain.setTargetAtTime(volume, context.currentTime, RISE_S);
    const noise = new AudioWorkletNode(context, "soundwell-local", { numberOfInputs: 0, outputChannelCount: [2] });
    noise.connect(gain).connect(context.destination);
    this.#gain = gain;
  }

  stop() {
    const context = this.#context;
    if (!context) return;
    this.#gain?.gain.setTargetAtTime(0, context.currentTime, FALL_S);
    setTimeout(() => context.close(), GONE_MS);
    this.#context = null;
    this.#gain = null;
  }
}
