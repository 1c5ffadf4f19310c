/**
 * The audio thread of the player: takes packets from the worker, renders the deck, resamples where the sound card does not run
 * at 48 kHz, and ticks. The worker paces the server by these ticks, so the listener's sound card is the only clock.
 */

import { PAUSE_FRAMES } from "./curves.js";
import { Deck, STEP_FRAMES } from "./deck.js";
import { LEFT_OUT, Log, START, STAND } from "./log.js";
import { Queue } from "./queue.js";
import { Resampler } from "./resampler.js";
import { TICK_FIELDS, fillTick } from "./ticks.js";

const RATE_HZ = 48000;
/** Packets that one render quantum takes at most; a resume that fills 20 s is spread over a second or so. */
const PACKETS_A_QUANTUM = 4;

/** @typedef {{do: "packet", deck: number, epoch: number, pos: number, frames: number, samples: Float32Array}} PacketCommand */
/** @typedef {{do: "open"} & import("./deck.js").DeckOptions} OpenCommand */
/** @typedef {{do: "env", rev: number, gainEnv: [number, number][], endPos: number | null}} EnvelopeCommand */
/** @typedef {{do: "pause"} | {do: "resume"} | {do: "close"}} PlainCommand */
/** @typedef {{do: "fade", frames: number} | {do: "tick-every", frames: number} | {do: "queue", memory: SharedArrayBuffer}} NumberCommand */
/** @typedef {PacketCommand | OpenCommand | EnvelopeCommand | PlainCommand | NumberCommand} Command */

class SoundwellPlayer extends AudioWorkletProcessor {
  constructor() {
    super();
    this.journal = new Log();
    this.deck = new Deck(this.journal);
    this.resampler = sampleRate === RATE_HZ ? null : new Resampler(sampleRate);
    /** @type {Queue | null} */
    this.queue = null;
    /** @type {MessagePort | null} */
    this.worker = null;
    this.tick = new Float64Array(TICK_FIELDS + this.journal.rows.length);
    this.tickFrames = 1200;
    this.sinceTick = 0;
    this.tail = [new Float32Array(PAUSE_FRAMES), new Float32Array(PAUSE_FRAMES)];
    this.tailAt = 0;
    this.tailEnd = 0;
    this.nextFrame = 0;
    this.port.onmessage = ({ data }) => this.connect(data.worker);
  }

  /** @param {MessagePort} worker */
  connect(worker) {
    this.worker = worker;
    worker.onmessage = ({ data }) => this.obey(data);
  }

  /** @param {Command} command */
  obey(command) {
    const { deck } = this;
    switch (command.do) {
      case "packet":
        if (command.deck === deck.deck) {
          deck.write(command.epoch, command.pos, command.frames, command.samples, 0, -1);
        }
        break;
      case "queue":
        this.queue = new Queue(command.memory);
        break;
      case "open":
        this.open(command);
        break;
      case "env":
        deck.setEnvelope(command.rev, command.gainEnv, command.endPos);
        break;
      case "fade":
        deck.fadeAlone(command.frames);
        break;
      case "pause":
        deck.pause();
        break;
      case "resume":
        deck.resume();
        break;
      case "tick-every":
        this.tickFrames = command.frames;
        break;
      case "close":
        this.leave();
        break;
    }
  }

  /** @param {OpenCommand} command */
  open(command) {
    this.leave();
    this.deck.open(command);
  }

  /** What sounds now falls to silence beside what comes. */
  leave() {
    if (!this.deck.isMoving) {
      this.deck.isOpen = false;
      return;
    }
    this.tailAt = 0;
    this.tailEnd = this.deck.leave(this.tail[0], this.tail[1]);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const left = outputs[0][0];
    const right = outputs[0][1];
    if (currentFrame > this.nextFrame) this.follow();
    this.nextFrame += left.length;
    this.takePackets();
    if (this.resampler) this.resample(this.resampler, left, right);
    else this.render(left, right, 0, left.length);
    this.report();
    return true;
  }

  /**
   * Quanta pass before the first one, and while the graph is rebuilt: frames are counted with them. (The browser's own count
   * may stand for a quantum: it is only renewed where the audio thread gets the graph's lock.)
   */
  follow() {
    const { deck, journal } = this;
    const { play, epoch } = deck.ring;
    if (deck.isMoving) journal.add(STAND, play, epoch, LEFT_OUT);
    journal.frame += Math.round(((currentFrame - this.nextFrame) * RATE_HZ) / sampleRate);
    this.nextFrame = currentFrame;
    if (deck.isMoving) journal.add(START, play, epoch);
  }

  takePackets() {
    const { queue, deck } = this;
    if (!queue) return;
    for (let i = 0; i < PACKETS_A_QUANTUM && queue.peek(); i += 1) {
      if (queue.deck > deck.deck) break;
      if (queue.deck === deck.deck) {
        deck.write(queue.epoch, queue.pos, queue.frames, queue.floats, queue.at, queue.mask);
      }
      queue.take();
    }
    queue.setPlay(deck.ring.play);
  }

  /**
   * Frames at 48 kHz.
   * @param {Float32Array} left @param {Float32Array} right @param {number} offset @param {number} frames
   */
  render(left, right, offset, frames) {
    for (let done = 0; done < frames; done += STEP_FRAMES) {
      const step = Math.min(STEP_FRAMES, frames - done);
      this.deck.render(left, right, offset + done, step);
      this.addTail(left, right, offset + done, step);
      this.journal.frame += step;
      this.sinceTick += step;
    }
  }

  /**
   * @param {Float32Array} left @param {Float32Array} right @param {number} offset @param {number} frames
   */
  addTail(left, right, offset, frames) {
    const count = Math.min(frames, this.tailEnd - this.tailAt);
    for (let i = 0; i < count; i += 1) {
      left[offset + i] += this.tail[0][this.tailAt + i];
      right[offset + i] += this.tail[1][this.tailAt + i];
    }
    this.tailAt += count;
  }

  /**
   * @param {Resampler} resampler @param {Float32Array} left @param {Float32Array} right
   */
  resample(resampler, left, right) {
    const frames = resampler.wants(left.length);
    const at = resampler.room(frames);
    this.render(resampler.left, resampler.right, at, frames);
    resampler.make(left, right);
  }

  /** Ticks when it is time, and at once when something happened. */
  report() {
    const { worker, journal, tick } = this;
    if (!worker || (journal.count === 0 && this.sinceTick < this.tickFrames)) return;
    this.sinceTick = 0;
    fillTick(tick, this.deck, journal);
    worker.postMessage(tick);
    journal.count = 0;
    this.deck.lateFrames = 0;
  }
}

registerProcessor("soundwell-player", SoundwellPlayer);
