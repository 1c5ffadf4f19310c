/** The page's audio graph: worklet → volume → analyser → destination, made at the first gesture. */

const WORKLET_URL = new URL("./worklet.js", import.meta.url);
const RATE_HZ = 48000;
const VOLUME_TIME_S = 0.015;
const FFT_FRAMES = 4096;

/**
 * Fetches and compiles what the audio thread will run, where nothing can sound yet: the first press waits for less. What
 * cannot be fetched now is fetched, and missed aloud, at the press.
 */
export function warmUp() {
  new OfflineAudioContext(2, 128, RATE_HZ).audioWorklet.addModule(WORKLET_URL).catch(() => {});
}

export class Graph {
  /** Call inside the gesture, before anything is awaited: only then may it sound. */
  constructor() {
    /** What it runs at may differ from what is asked for; the worklet resamples then. */
    this.context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
    this.volume = this.context.createGain();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = FFT_FRAMES;
    this.volume.connect(this.analyser).connect(this.context.destination);
    /** What sounds, before the volume. @type {AudioWorkletNode | null} */
    this.worklet = null;
  }

  /** @param {MessagePort} workerPort the worker's way to the worklet */
  async load(workerPort) {
    await this.context.audioWorklet.addModule(WORKLET_URL);
    const options = { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [2] };
    this.worklet = new AudioWorkletNode(this.context, "soundwell-player", options);
    // before it can sound: a quantum may be left out while the graph changes
    this.worklet.connect(this.volume);
    this.worklet.port.postMessage({ worker: workerPort }, [workerPort]);
  }

  /** @param {number} gain linear */
  setVolume(gain) {
    this.volume.gain.setTargetAtTime(gain, this.context.currentTime, VOLUME_TIME_S);
  }
}
