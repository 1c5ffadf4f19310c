/** Keeps every frame that passes, with the context's frame at which each block was rendered. */
class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    /** @type {Float32Array[]} */
    this.blocks = [];
    this.first = -1;
    this.next = -1;
    this.isSilent = true;
    this.port.onmessage = () => this.hand();
  }

  /** All that was recorded since the last time, as interleaved stereo. */
  hand() {
    const { blocks, first } = this;
    this.blocks = [];
    this.first = -1;
    this.port.postMessage({ first, blocks });
  }

  begin() {
    this.next = currentFrame;
    this.port.postMessage({ runs: true, blocks: [] });
  }

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    if (this.next < 0) this.begin();
    if (this.first < 0) this.first = this.next;
    // while the graph is rebuilt a quantum may pass without us
    for (; this.next < currentFrame; this.next += 128) this.blocks.push(new Float32Array(256));
    this.next += 128;
    const block = new Float32Array(256);
    if (input.length > 0) {
      const right = input[1] ?? input[0];
      for (let i = 0; i < 128; i += 1) {
        block[2 * i] = input[0][i];
        block[2 * i + 1] = right[i];
      }
    }
    this.blocks.push(block);
    if (this.isSilent && block.some((sample) => sample !== 0)) {
      this.isSilent = false;
      this.port.postMessage({ soundsAt: currentFrame, blocks: [] });
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
