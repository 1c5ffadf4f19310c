/** Runs before the page's own scripts: hangs a recorder behind the player from its first frame on, and may choose the rate. */
{
  const recorderUrl = "/recorder.js";
  const rate = /** @type {any} */ (window).tapRate;
  /** @type {Float32Array[]} */
  const blocks = [];
  const tap = { first: -1, soundedAt: 0, blocks, node: /** @type {AudioWorkletNode | null} */ (null) };
  /** @type {any} */ (window).tap = tap;

  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    /** @param {AudioContextOptions} options */
    constructor(options) {
      super(rate ? { sampleRate: rate } : options);
      const addModule = this.audioWorklet.addModule.bind(this.audioWorklet);
      this.audioWorklet.addModule = async (url, settings) => {
        await Promise.all([addModule(recorderUrl).then(() => listenOn(this)), addModule(url, settings)]);
      };
    }
  };

  /** Resolves when the recorder runs: what is connected to it later is heard from its first frame on. */
  const listenOn = (/** @type {AudioContext} */ context) =>
    new Promise((resolve) => {
      tap.node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 1 });
      tap.node.connect(context.destination);
      tap.node.port.onmessage = ({ data }) => {
        if (data.runs) resolve(null);
        else if (data.soundsAt !== undefined) tap.soundedAt = performance.now();
        else if (tap.first < 0) tap.first = data.first;
        blocks.push(...data.blocks);
      };
    });

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (/** @type {any} */ target, /** @type {any[]} */ ...rest) {
    if (this instanceof AudioWorkletNode && this !== tap.node) connect.call(this, tap.node);
    return connect.call(this, target, ...rest);
  };

  /** Everything recorded so far, in order. */
  /** @type {any} */ (window).takeRecording = async () => {
    await new Promise((resolve) => {
      tap.node?.port.addEventListener("message", ({ data }) => data.first !== undefined && resolve(null));
      tap.node?.port.postMessage(null);
    });
    const all = new Float32Array(blocks.length * 256);
    blocks.forEach((block, i) => all.set(block, i * 256));
    const bytes = new Uint8Array(all.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return { first: tap.first, samples: btoa(text) };
  };
}
