/**
 * One listening as the client keeps it: what was asked for, the instance, the run of audio, the credit. It goes on over
 * resumes, and over servers that have forgotten it, from what is kept here alone.
 */

import { Horizon, OPEN_FRAMES } from "./horizon.js";
import { Instance, soundsFrom } from "./instance.js";
import { Patch } from "./patch.js";
import { Refusal } from "./requests.js";
import { Run } from "./run.js";
import { AUDIO, LOOKAHEAD_FRAMES, RATE_HZ, samples } from "./wire.js";

/** @typedef {import("./wire.js").Message} Message */
/** @typedef {import("./patch.js").Values} Values */
/** @typedef {import("../audio/ticks.js").Tick} Tick */
/** @typedef {Record<string, unknown> & {op: string}} Operation */

/** What must be there before it sounds. */
const START_FRAMES = 7200;
const RAMP_MS = 30;
const LEAST_FADE_MS = 10;
/** A fade to the end waits no longer for the server than this. */
const ANSWER_MS = 1000;
/** A pause plays on for the length of its ramp, whatever the horizon is. */
const PAUSE_ROOM_FRAMES = 14400 + 9600;

/**
 * @typedef {object} ListeningOwner
 * @property {(message: Message) => Promise<Message>} ask
 * @property {(message: Message) => void} send
 * @property {import("./feed.js").Feed} feed
 * @property {Horizon} horizon
 * @property {() => void} mend comes back to where the run ends: something was lost on the way
 * @property {(kind: string, detail: Record<string, unknown>) => void} tell the page
 */

export { Horizon };

export class Listening {
  /**
   * @param {number} deck number of this listening in the page's life
   * @param {Record<string, unknown>} wish the kind's fields of `stream.open`
   * @param {string[]} codecs best first
   * @param {ListeningOwner} owner
   */
  constructor(deck, wish, codecs, owner) {
    this.deck = deck;
    this.wish = wish;
    this.codecs = codecs;
    this.owner = owner;
    this.patch = new Patch((values) => this.sendPatch(values));
    this.sid = -1;
    this.session = "";
    /** @type {Instance | null} */
    this.instance = null;
    this.run = new Run(0, 0);
    this.endPos = /** @type {number | null} */ (null);
    this.isGesture = false;
    this.isOver = false;
    this.playedFrames = 0;
    this.heldLimit = 0;
    this.play = 0;
    this.playedAt = 0;
    this.isMoving = false;
    this.underruns = 0;
    this.lateSplices = 0;
    /** @type {{address: string, at: number}[]} */
    this.coming = [];
    /** Transport requests that a lost line never answered. @type {{fields: Operation, play: number}[]} */
    this.unanswered = [];
    /** Milliseconds of the fade to the end that was asked for. @type {number | null} */
    this.finishing = null;
  }

  /**
   * Opens it, or goes on with it where the server has forgotten.
   * @param {number | undefined} replaced sid of the listening that this one follows
   */
  async open(replaced) {
    const { instance, session, run, codecs } = this;
    const limit = instance ? this.limit : OPEN_FRAMES;
    const common = { t: "stream.open", kind: "listen", codec_pref: codecs, play: this.playNow, limit, replace: replaced };
    const restore = instance ? { restore: { session, instance: instance.value, from: run.end } } : this.wish;
    const isNew = !instance;
    const ready = await this.owner.ask({ ...common, ...restore });
    if (this.isOver) this.abandon(ready);
    else this.begin(ready, isNew);
  }

  /** @param {Message} ready @param {boolean} isNew */
  begin(ready, isNew) {
    this.sid = Number(ready.sid);
    this.session = String(ready.session);
    const envelope = readEnvelope(ready);
    this.endPos = envelope.endPos;
    if (isNew) {
      const pos = Number(ready.start_pos);
      this.run = new Run(pos, Number(ready.epoch));
      this.play = pos;
      this.owner.horizon.open(pos);
      this.instance = new Instance(/** @type {any} */ (ready.instance));
      const epoch = this.run.ringEpoch;
      this.owner.feed.command({ do: "open", deck: this.deck, pos, epoch, targetFrames: START_FRAMES, ...envelope });
    } else {
      this.run.renumber(Number(ready.epoch));
      this.owner.feed.command({ do: "env", ...envelope });
    }
    const { params, instance } = ready;
    this.owner.tell("ready", { session: this.session, startPos: this.run.end, ...envelope, params, instance, isNew });
    this.patch.open();
    this.repeat();
    this.flow();
  }

  /** It was left before it was open. @param {Message} ready */
  abandon(ready) {
    const sid = Number(ready.sid);
    this.sid = sid;
    this.session = String(ready.session);
    this.owner.ask({ t: "session.finish", sid, fade_ms: LEAST_FADE_MS }).then((reply) => this.farewell(reply), () => {});
  }

  /** Another one sounds from now on, or none. */
  leave() {
    this.isOver = true;
    this.patch.close();
    this.patch.clear();
  }

  /** What was left is told where it ended, so that its row is closed. @param {Message} message */
  farewell(message) {
    if (message.t !== "stream.env" || typeof message.end_pos !== "number") return;
    const end = message.end_pos;
    this.owner.send({ t: "flow", sid: this.sid, play: end, have: end, limit: end, underruns: this.underruns, late_ms: 0 });
  }

  /** The line is gone; what is here plays on. */
  hold() {
    this.patch.close();
  }

  /** The line is back, and the server knows this stream. @param {Message} message `stream.resumed` */
  resumed(message) {
    this.learn(Number(message.epoch), Number(message.from));
    this.takeEnvelope(message);
    this.patch.open();
    this.flow();
  }

  /** What `hello.resume` says of it. */
  get heard() {
    return { sid: this.sid, have: this.run.end, play: this.playNow, epoch: this.run.epoch };
  }

  // What the server says

  /** @param {import("./wire.js").Packet} packet */
  packet(packet) {
    if (packet.kind !== AUDIO || packet.sid !== this.sid) return;
    const generation = this.run.generation(packet.epoch);
    if (generation < 0) return;
    const { pos, frames } = packet;
    this.learn(generation, pos);
    if (!this.run.add(pos, frames)) this.owner.mend();
    else this.owner.feed.push({ deck: this.deck, epoch: this.run.ringEpoch, pos, frames }, samples(packet));
  }

  /** @param {number} epoch @param {number} from */
  learn(epoch, from) {
    if (!this.run.learn(epoch, from)) return;
    this.owner.feed.learn(this.deck, this.run.ringEpoch, from);
  }

  /** @param {Message} message one that names this stream */
  take(message) {
    if (message.t === "stream.resumed") this.resumed(message);
    else if (message.t === "stream.env") this.takeEnvelope(message);
    else if (message.t === "stream.base") this.fold(/** @type {any} */ (message.entry));
    else if (message.t === "stream.mark") this.owner.tell("mark", { ...message });
  }

  /** @param {import("./instance.js").Entry} base */
  fold(base) {
    this.instance?.fold(base);
    this.owner.tell("base", { entry: base });
  }

  /** @param {Message} message with end_pos, gain_env, rev and perhaps an entry */
  takeEnvelope(message) {
    const envelope = readEnvelope(message);
    if (message.entry) this.instance?.append(/** @type {any} */ (message.entry));
    this.endPos = envelope.endPos;
    this.owner.feed.command({ do: "env", ...envelope });
    this.owner.tell("envelope", { ...envelope, entry: message.entry ?? null });
  }

  /** Keeps the entry of a change, and returns the frame at which it is heard. @param {Message} ack */
  acknowledged(ack) {
    const entry = /** @type {import("./instance.js").Entry} */ (ack.entry);
    const at = soundsFrom(entry);
    this.instance?.append(entry);
    this.learn(Number(ack.epoch), at - LOOKAHEAD_FRAMES);
    this.owner.tell("ack", { at, epoch: ack.epoch, ringEpoch: this.run.ringEpoch, entry });
    return at;
  }

  // What the person does

  /** @param {string} address @param {number | string} value */
  set(address, value) {
    this.isGesture = true;
    this.patch.set(address, value);
  }

  gestureEnd() {
    this.isGesture = false;
  }

  /** @param {Values} values */
  async sendPatch(values) {
    this.owner.horizon.collapse();
    const play = this.playNow;
    const message = { t: "param.set", sid: this.sid, p: values, ramp_ms: RAMP_MS, gesture: this.isGesture };
    for (const address of Object.keys(values)) this.owner.tell("sent", { address });
    try {
      const ack = await this.owner.ask({ ...message, play, limit: this.limit });
      const at = this.acknowledged(ack);
      for (const address of Object.keys(values)) this.coming.push({ address, at });
    } catch (error) {
      this.refused(error, values);
    }
  }

  /** @param {unknown} error @param {Values} values */
  refused(error, values) {
    if (!(error instanceof Refusal)) this.patch.putBack(values);
    else if (error.code === "rate_limited") setTimeout(() => this.patch.putBack(values), Number(error.details.retry_ms ?? 200));
    else this.owner.tell("refused", { code: error.code, msg: error.message });
  }

  /** @param {Operation} fields op, and to, a, b @param {number} play */
  async transport(fields, play) {
    this.owner.horizon.collapse();
    try {
      this.acknowledged(await this.owner.ask({ t: "transport", sid: this.sid, ...fields, play, limit: this.limit }));
    } catch (error) {
      if (!(error instanceof Refusal)) this.unanswered.push({ fields, play });
      // a restored stream does not know of a pause before it; the entry of the pause says all there is to say
      else if (fields.op !== "play") this.owner.tell("refused", { code: error.code, msg: error.message });
    }
  }

  /** Asks again for what a server never answered that is gone now. */
  repeat() {
    const { unanswered, finishing } = this;
    this.unanswered = [];
    for (const { fields, play } of unanswered) this.transport(fields, play);
    if (finishing !== null) this.finish(finishing);
  }

  /**
   * Fades to the end; alone, where the server does not answer in time.
   * @param {number} fade_ms
   */
  async finish(fade_ms) {
    this.finishing = fade_ms;
    const alone = setTimeout(() => this.fadeAlone(fade_ms), ANSWER_MS);
    try {
      await this.envelope("session.finish", { fade_ms });
      this.finishing = null;
      clearTimeout(alone);
    } catch (error) {
      // unanswered: it is asked again when the line is back, and the fade does not wait for that
      if (error instanceof Refusal) this.finishing = null;
    }
  }

  /** @param {number} fade_ms */
  fadeAlone(fade_ms) {
    this.owner.feed.command({ do: "fade", frames: Math.round((fade_ms * RATE_HZ) / 1000) });
  }

  /** @param {number} duration_s */
  async extend(duration_s) {
    try {
      await this.envelope("session.extend", { duration_s });
    } catch (error) {
      // without a reply the old end stands
      if (error instanceof Refusal) this.owner.tell("refused", { code: error.code, msg: error.message });
    }
  }

  /** @param {string} type session.extend or session.finish @param {Record<string, unknown>} fields */
  async envelope(type, fields) {
    const reply = await this.owner.ask({ t: type, sid: this.sid, ...fields });
    this.takeEnvelope(reply);
  }

  // What the worklet says

  /** @param {Tick} tick */
  tick(tick) {
    this.play = Math.max(this.play, tick.play);
    this.playedAt = performance.now();
    this.isMoving = tick.standing === 0;
    this.playedFrames = tick.played;
    this.underruns = tick.underruns;
    this.owner.horizon.advance(this.play);
    if (tick.lateFrames > 0) this.lateSplices += 1;
    this.hear();
  }

  /** Tells of the changes that have become sound. */
  hear() {
    const heard = this.coming.filter(({ at }) => at <= this.play);
    this.coming = this.coming.filter(({ at }) => at > this.play);
    for (const { address } of heard) this.owner.tell("heard", { address });
  }

  /** Credit for the server, and its clock. @param {number} [lateFrames] */
  flow(lateFrames = 0) {
    if (this.sid < 0 || this.isOver) return;
    const late_ms = (lateFrames * 1000) / RATE_HZ;
    const { sid, underruns, limit, play } = this;
    this.owner.send({ t: "flow", sid, play, have: Math.max(this.run.end, play), limit, underruns, late_ms });
    this.owner.feed.command({ do: "tick-every", frames: this.owner.horizon.tickFrames });
  }

  sendPlayed() {
    if (this.sid < 0) return;
    this.owner.send({ t: "played", sid: this.sid, play: this.play, underruns: this.underruns, late: this.lateSplices });
  }

  /** True where it has come to its end in the worklet. */
  get isStanding() {
    return this.endPos !== null && this.play >= this.endPos;
  }

  get limit() {
    return Math.max(this.owner.horizon.limit(this.playNow), this.heldLimit);
  }

  /** Its ramp needs its frames, whatever the horizon is. @param {number} pos where it begins */
  paused(pos) {
    this.heldLimit = pos + PAUSE_ROOM_FRAMES;
    this.transport({ op: "pause" }, pos);
  }

  /** The playhead by now. */
  get playNow() {
    const since = this.isMoving ? ((performance.now() - this.playedAt) * RATE_HZ) / 1000 : 0;
    const estimate = Math.max(this.play, Math.min(this.play + Math.floor(since), this.run.end));
    return this.owner.feed.play(estimate);
  }
}

/** @param {Message} message @returns {{rev: number, gainEnv: [number, number][], endPos: number | null}} */
function readEnvelope(message) {
  const gainEnv = /** @type {[number, number][]} */ (message.gain_env);
  const endPos = /** @type {number | null} */ (message.end_pos ?? null);
  return { rev: Number(message.rev), gainEnv, endPos };
}
