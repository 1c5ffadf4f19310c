/** The way to the worklet: packets through shared memory where the page is isolated, else through the port, as commands are. */

import { Queue, shareQueue } from "../audio/queue.js";
import { readTick } from "../audio/ticks.js";

/** @typedef {{deck: number, epoch: number, pos: number, frames: number}} PacketFields */

export class Feed {
  /** @param {(tick: import("../audio/ticks.js").Tick) => void} onTick */
  constructor(onTick) {
    const channel = new MessageChannel();
    this.port = channel.port1;
    /** Handed to the worklet as soon as there is one; what was sent before waits in it. */
    this.workletPort = channel.port2;
    /** @type {Queue | null} */
    this.queue = null;
    /** @type {{packet: PacketFields, samples: Float32Array}[]} */
    this.backlog = [];
    if (self.crossOriginIsolated) this.share();
    this.port.onmessage = ({ data }) => {
      this.drain();
      onTick(readTick(data));
    };
  }

  share() {
    const memory = shareQueue();
    this.queue = new Queue(memory);
    this.command({ do: "queue", memory });
  }

  /**
   * @param {import("../audio/worklet.js").Command} command
   * @param {Transferable[]} [transfer]
   */
  command(command, transfer = []) {
    this.port.postMessage(command, transfer);
  }

  /** @param {PacketFields} packet @param {Float32Array} samples */
  push(packet, samples) {
    if (!this.queue) {
      // a copy that begins at its buffer's start can be handed over; packets are views behind their header
      const own = samples.byteOffset === 0 ? samples : samples.slice();
      this.command({ do: "packet", ...packet, samples: own }, [own.buffer]);
    } else if (this.backlog.length > 0 || !this.queue.push(packet, samples)) {
      this.backlog.push({ packet, samples });
    }
  }

  /** The news of an epoch, in order with the packets. @param {number} deck @param {number} epoch @param {number} from */
  learn(deck, epoch, from) {
    this.push({ deck, epoch, pos: from, frames: 0 }, new Float32Array(0));
  }

  /** Packets that found no room while nothing was played. */
  drain() {
    while (this.queue && this.backlog.length > 0) {
      const { packet, samples } = this.backlog[0];
      if (!this.queue.push(packet, samples)) return;
      this.backlog.shift();
    }
  }

  /** The playhead, as fresh as it can be had. @param {number} estimate */
  play(estimate) {
    return this.queue ? this.queue.playNear(estimate) : estimate;
  }
}
