/**
 * The worker behind the page: the line, the listening that sounds, and the way to the worklet. The page's main thread may stall
 * as it likes.
 */

import { ENDED } from "../audio/log.js";
import { Link } from "./link.js";
import { Lost, Refusal } from "./requests.js";
import { RestError, authority, ticket } from "./rest.js";
import { RATE_HZ, decodePacket } from "./wire.js";

/** @typedef {import("./wire.js").Message} Message */
/** @typedef {import("./listening.js").Listening} Listening */
/** @typedef {import("../audio/ticks.js").Tick} Tick */

const PLAYED_EVERY_MS = 15000;
/** A stream that fades away counts as one that sounds, as long as its fade lasts. */
const FADING_MS = 150;
const FADING_TRIES = 10;
/** How long the end waits for the server's word about it. */
const FAREWELL_MS = 2000;

/** @typedef {{csrf: string, bearer: string}} Identity */
/** @typedef {{do: "hello", url: string, client: Record<string, string>} & Identity} HelloCommand */
/** @typedef {{do: "become", change: import("../ui/login.js").Change} & Identity} BecomeCommand */
/** @typedef {{do: "open", wish: Record<string, unknown>, params: Record<string, number | string>, codecs: string[]}} OpenCommand */
/** @typedef {{do: "set", address: string, value: number | string} | {do: "hidden", isHidden: boolean}} ValueCommand */
/** @typedef {{do: "seek" | "extend", seconds: number} | {do: "finish", fade_ms: number}} NumberCommand */
/** @typedef {{do: "prepare" | "gesture-end" | "pause" | "resume" | "wake" | "bye"}} PlainCommand */
/** @typedef {HelloCommand | BecomeCommand | OpenCommand | ValueCommand | NumberCommand | PlainCommand} PageCommand */

/** The first page is there without them. */
const fetchListening = () => import("./listening.js");
const fetchFeed = () => import("./feed.js");

class Studio {
  constructor() {
    this.csrf = "";
    /** @type {import("./horizon.js").Horizon | null} */
    this.horizon = null;
    this.isHidden = false;
    /** The way to the worklet, once a sound is near. @type {import("./feed.js").Feed | null} */
    this.feed = null;
    /** @type {Link | null} */
    this.link = null;
    /** @type {Listening | null} */
    this.listening = null;
    /** Those that fade behind it, until the server says that they ended. @type {Map<number, Listening>} */
    this.leaving = new Map();
    this.decks = 0;
    /** One opens after the other. @type {Promise<unknown>} */
    this.opening = Promise.resolve();
    /** @type {{epoch: number, after: number} | null} */
    this.cursor = null;
    setInterval(() => this.listening?.sendPlayed(), PLAYED_EVERY_MS);
  }

  /** @param {string} kind @param {Record<string, unknown>} detail */
  tell(kind, detail) {
    self.postMessage({ kind, detail });
  }

  /** @param {HelloCommand} command */
  hello(command) {
    this.identify(command);
    const caps = { codecs: ["s16", "f32"], sab: self.crossOriginIsolated };
    this.link = new Link(command.url, { client: command.client, caps }, {
      ticket: () => this.ticket(),
      isBuffered: () => this.isBuffered,
      heard: () => this.heard,
      onWelcome: (isResumed, user) => this.welcomed(isResumed, user),
      onMessage: (message) => this.take(message),
      onPacket: (buffer) => this.packet(buffer),
      onState: (state) => {
        if (state.line !== "connected") this.listening?.hold();
        this.tell("line", { ...state, error: describe(state.error) });
      },
    });
    this.link.connect();
  }

  async ticket() {
    try {
      return await ticket(this.csrf);
    } catch (error) {
      // cookie and login may have been renewed; only the page knows
      if (error instanceof RestError && (error.status === 401 || error.status === 403)) this.tell("who", {});
      throw error;
    }
  }

  /** @param {Identity} identity from the page @returns {boolean} whether it is another one */
  identify({ csrf, bearer }) {
    const isOther = csrf !== this.csrf || bearer !== authority.bearer;
    this.csrf = csrf;
    authority.bearer = bearer;
    return isOther;
  }

  /** @param {BecomeCommand} command the same as before is no reason to try at once */
  become(command) {
    const isOther = this.identify(command);
    if (command.change === "renew") this.renew();
    else if (command.change === "reconnect") this.begin();
    else if (isOther) this.link?.wake();
  }

  /** The guest has a name now: the line stays, and what plays goes on without a gap. */
  async renew() {
    try {
      const { user } = await this.ask({ t: "auth.renew", ticket: await this.ticket() });
      this.tell("user", { user });
    } catch (error) {
      // a line that begins anew meanwhile does so with the new proof
      if (!(error instanceof Lost)) this.begin();
    }
  }

  /** Somebody else is here: another line, and what sounds is asked for again as theirs. */
  begin() {
    this.cursor = null;
    this.link?.begin();
  }

  get isBuffered() {
    const { listening } = this;
    return listening !== null && listening.run.end > listening.playNow;
  }

  get heard() {
    const streams = this.listening && this.listening.sid >= 0 ? [this.listening.heard] : [];
    return { streams, ...(this.cursor ? { events: this.cursor } : {}) };
  }

  /** @param {boolean} isResumed @param {unknown} user who the server takes us for */
  welcomed(isResumed, user) {
    this.tell("user", { user });
    if (isResumed) return;
    this.leaving.clear();
    this.follow();
    if (this.listening) this.openNext(this.listening);
  }

  /** Follows the event log from where it was left. */
  async follow() {
    try {
      const state = await this.ask({ t: "events.sub", topics: ["listen", "account", "billing", "tokens"], ...(this.cursor ? { after: this.cursor } : {}) });
      // if it could go on from the cursor, what is missing still follows
      if (!state.recovered) this.cursor = { epoch: Number(state.epoch), after: Number(state.head) };
    } catch (error) {
      // sound does not depend on events
      if (error instanceof Refusal) this.tell("refused", describe(error) ?? {});
    }
  }

  /** @param {Message} message @returns {Promise<Message>} */
  ask(message) {
    return this.link?.ask(message) ?? Promise.reject(new Lost("There is no line yet."));
  }

  // What the page wants

  /** @param {PageCommand} command */
  obey(command) {
    const { listening, feed } = this;
    switch (command.do) {
      case "hello":
        return this.hello(command);
      case "become":
        return this.become(command);
      case "prepare":
        return Promise.all([fetchListening(), this.fetchFeed()]);
      case "open":
        return this.open(command);
      case "set":
        return listening?.set(command.address, command.value);
      case "gesture-end":
        return listening?.gestureEnd();
      case "pause":
        return feed?.command({ do: "pause" });
      case "resume":
        return feed?.command({ do: "resume" });
      case "seek":
        return listening?.transport({ op: "seek", to: Math.round(command.seconds * RATE_HZ) }, listening.playNow);
      case "extend":
        return listening?.extend(command.seconds);
      case "finish":
        return listening?.finish(command.fade_ms);
      case "hidden":
        this.isHidden = command.isHidden;
        if (this.horizon) this.horizon.isHidden = command.isHidden;
        return this.link?.wake();
      case "wake":
        return this.link?.wake();
      case "bye":
        listening?.sendPlayed();
        return this.link?.bye();
    }
  }

  /** @returns {Promise<import("./feed.js").Feed>} */
  async fetchFeed() {
    const { Feed } = await fetchFeed();
    if (this.feed) return this.feed;
    const feed = new Feed((tick) => this.tick(tick));
    self.postMessage({ kind: "worklet-port", detail: { port: feed.workletPort } }, { transfer: [feed.workletPort] });
    this.feed = feed;
    return feed;
  }

  /** @param {OpenCommand} command */
  async open(command) {
    const [{ Horizon, Listening }, feed] = await Promise.all([fetchListening(), this.fetchFeed()]);
    this.horizon ??= new Horizon(this.isHidden);
    const former = this.listening;
    this.decks += 1;
    const owner = {
      ask: (/** @type {Message} */ message) => this.ask(message),
      send: (/** @type {Message} */ message) => this.link?.send(message),
      tell: (/** @type {string} */ kind, /** @type {Record<string, unknown>} */ detail) => this.tell(kind, detail),
      feed,
      horizon: this.horizon,
      mend: () => this.link?.again(),
    };
    this.listening = new Listening(this.decks, command.wish, command.codecs, owner);
    for (const [address, value] of Object.entries(command.params)) this.listening.patch.set(address, value);
    if (former) this.leave(former);
    if (this.link?.isWelcome) this.openNext(this.listening);
  }

  /** What was asked for and left before its turn never opens. @param {Listening} listening */
  openNext(listening) {
    this.opening = this.opening.then(() => (listening === this.listening ? this.openListening(listening) : undefined));
  }

  /** @param {Listening} former */
  leave(former) {
    former.leave();
    if (former.sid >= 0) this.leaving.set(former.sid, former);
    this.feed?.command({ do: "close" });
  }

  /** @param {Listening} listening */
  async openListening(listening, tries = FADING_TRIES) {
    try {
      await listening.open([...this.leaving.keys()].at(-1));
      if (listening.isOver) this.leaving.set(listening.sid, listening);
    } catch (error) {
      if (error instanceof Lost || listening !== this.listening) return;
      if (!(error instanceof Refusal)) throw error;
      if (tries > 1 && this.isOwnFade(error)) {
        await new Promise((done) => setTimeout(done, FADING_MS));
        if (listening === this.listening) await this.openListening(listening, tries - 1);
        return;
      }
      this.listening = null;
      this.tell("failed", describe(error) ?? {});
    }
  }

  /** True where all that plays elsewhere are own streams that fade away. @param {Refusal} refusal */
  isOwnFade({ code, details }) {
    const fading = new Set([...this.leaving.values()].map(({ session }) => session));
    const sounding = /** @type {{session: string}[]} */ (details.sessions ?? []);
    return code === "playing_elsewhere" && sounding.every(({ session }) => fading.has(session));
  }

  // What the server says

  /** @param {Message} message */
  take(message) {
    if (message.t === "event") this.event(message);
    else if (message.t === "error" || message.t === "notice") this.tell("notice", { code: message.code, msg: message.msg });
    else if (typeof message.sid === "number") this.streamMessage(message.sid, message);
  }

  /** @param {number} sid @param {Message} message */
  streamMessage(sid, message) {
    const left = this.leaving.get(sid);
    if (left) left.farewell(message);
    else if (sid === this.listening?.sid) this.listening.take(message);
    if (message.t !== "stream.end") return;
    this.leaving.delete(sid);
    if (sid === this.listening?.sid) this.ended(this.listening, message);
  }

  /** @param {Message} message */
  event(message) {
    this.cursor = { epoch: Number(message.epoch), after: Number(message.seq) };
    this.tell("event", { type: message.type, data: message.data });
  }

  /** @param {ArrayBuffer} buffer */
  packet(buffer) {
    this.listening?.packet(decodePacket(buffer));
  }

  // What the worklet says

  /** @param {Tick} tick */
  tick(tick) {
    const { listening } = this;
    if (!listening || tick.deck !== listening.deck) return;
    listening.tick(tick);
    for (const entry of tick.log) this.happened(listening, entry);
    // a pause is told before the playhead that has moved on since: its position is the pause's own
    listening.flow(tick.lateFrames);
    const { play, end, standing, underruns, frame } = tick;
    const deep = Math.max(end, listening.run.end);
    this.tell("tick", { play, end: deep, standing, underruns, frame, log: tick.log });
  }

  /** @param {Listening} listening @param {import("../audio/log.js").LogEntry} entry */
  happened(listening, entry) {
    if (entry.what === "pause") listening.paused(entry.pos);
    else if (entry.what === "rise") listening.transport({ op: "play" }, entry.pos);
    else if (entry.what === "stand" && entry.a === ENDED) setTimeout(() => this.ended(listening, null), FAREWELL_MS);
  }

  /** @param {Listening} listening @param {Message | null} message the server's word about it, if it came */
  ended(listening, message) {
    if (this.listening !== listening) return;
    this.listening = null;
    listening.leave();
    if (!listening.isStanding) this.feed?.command({ do: "close" });
    const played_s = listening.playedFrames / RATE_HZ;
    const heard_s = message ? Number(message.heard_s) : played_s;
    this.tell("ended", { reason: message?.reason ?? "completed", heard_s, played_s, by: message?.by ?? null });
  }
}

/** @param {Refusal | null} error */
function describe(error) {
  return error ? { ...error.details, code: error.code, msg: error.message } : null;
}

const studio = new Studio();
/** In their order: a beginning may have to fetch something first. @type {Promise<unknown>} */
let obeyed = Promise.resolve();
self.onmessage = ({ data }) => {
  obeyed = obeyed.then(async () => void (await studio.obey(data))).catch((error) => studio.tell("failed", { code: "internal", msg: String(error) }));
};
