/**
 * Packets from the worker to the worklet through shared memory: one producer, one consumer, no locks. A record is a header of
 * eight words and interleaved float samples; indices are counted in words and wrap at 2^32. A record without frames is the
 * news of an epoch: it must not overtake the packets of the one before.
 */

/** Words that a queue holds: the deepest horizon as stereo float32, rounded up to a power of two. */
const WORDS = 2 ** 21;
const HEADER_WORDS = 8;
const CONTROL_WORDS = 4;

const WRITTEN = 0;
const TAKEN = 1;
const PLAY = 2;

/** @returns {SharedArrayBuffer} */
export function shareQueue(words = WORDS) {
  return new SharedArrayBuffer((CONTROL_WORDS + words) * 4);
}

export class Queue {
  /** @param {SharedArrayBuffer} memory */
  constructor(memory) {
    const words = memory.byteLength / 4 - CONTROL_WORDS;
    this.control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.integers = new Int32Array(memory, CONTROL_WORDS * 4, words);
    this.floats = new Float32Array(memory, CONTROL_WORDS * 4, words);
    this.mask = words - 1;
    /** The record that `peek` found. */
    this.deck = 0;
    this.epoch = 0;
    this.pos = 0;
    this.frames = 0;
    /** Index of its first sample in `floats`, to be wrapped by `mask`. */
    this.at = 0;
  }

  /**
   * Producer: false where there is no room.
   * @param {{deck: number, epoch: number, pos: number, frames: number}} packet
   * @param {Float32Array} samples interleaved
   */
  push(packet, samples) {
    const written = this.control[WRITTEN];
    const used = (written - Atomics.load(this.control, TAKEN)) >>> 0;
    if (used + HEADER_WORDS + samples.length > this.mask) return false;
    const { integers, floats, mask } = this;
    integers[written & mask] = packet.deck;
    integers[(written + 1) & mask] = packet.epoch;
    integers[(written + 2) & mask] = packet.frames;
    integers[(written + 3) & mask] = packet.pos % 2 ** 32;
    integers[(written + 4) & mask] = packet.pos / 2 ** 32;
    const start = written + HEADER_WORDS;
    for (let i = 0; i < samples.length; i += 1) floats[(start + i) & mask] = samples[i];
    Atomics.store(this.control, WRITTEN, start + samples.length);
    return true;
  }

  /** Consumer: true where a record waits; its fields are then on the queue itself, so that nothing is allocated. */
  peek() {
    const taken = this.control[TAKEN];
    if (taken === Atomics.load(this.control, WRITTEN)) return false;
    const { integers, mask } = this;
    this.deck = integers[taken & mask];
    this.epoch = integers[(taken + 1) & mask];
    this.frames = integers[(taken + 2) & mask];
    this.pos = integers[(taken + 4) & mask] * 2 ** 32 + (integers[(taken + 3) & mask] >>> 0);
    this.at = taken + HEADER_WORDS;
    return true;
  }

  /** Consumer: gives the room of the record that `peek` found back. */
  take() {
    Atomics.store(this.control, TAKEN, this.at + this.frames * 2);
  }

  /** Consumer: says where the playhead is. @param {number} pos */
  setPlay(pos) {
    Atomics.store(this.control, PLAY, pos);
  }

  /**
   * Producer: the playhead, of which only the low 32 bits are shared.
   * @param {number} near a position within 2^31 frames of it
   */
  playNear(near) {
    return near + ((Atomics.load(this.control, PLAY) - near) | 0);
  }
}
