/** The line to the server: ticket, hello, resume, probes, and coming back whenever it breaks. */

import { Backoff } from "./backoff.js";
import { RoundTrip } from "./clock.js";
import { Refusal, Requests } from "./requests.js";
import { SUBPROTOCOL, decodeMessage, encodeMessage, isMedia } from "./wire.js";

/** @typedef {import("./wire.js").Message} Message */

/** Refusals that trying again cannot mend. */
const FINAL_CODES = new Set([4400, 4402, 4403, 4404, 4415, 4426]);
const UNAUTHENTICATED = 4401;
const SUPERSEDED = 4409;
const RESUME_EXPIRED = 4410;

const FIRST_PROBES_MS = [0, 50, 100];
const PROBE_EVERY_MS = 5000;
const LOOK_EVERY_MS = 500;
/** While something plays a word is expected about once a second; without one for so long the server is probed at once. */
const SILENCE_MS = 1500;
/** A probe that is unanswered for so long means that the line is dead, though nobody has closed it. */
const DEAD_MS = 2000;
const SHORTEST_ATTEMPT_MS = 1000;
const LONGEST_ATTEMPT_MS = 5000;
const NORMAL_CLOSE = 1000;

/**
 * @typedef {object} LinkOwner
 * @property {() => Promise<string>} ticket
 * @property {() => boolean} isBuffered whether something is left to play
 * @property {() => Record<string, unknown>} heard what `hello.resume` says of streams and events
 * @property {(isResumed: boolean, user: unknown) => void} onWelcome
 * @property {(message: Message) => void} onMessage
 * @property {(buffer: ArrayBuffer) => void} onPacket
 * @property {(state: LinkState) => void} onState
 */

/** @typedef {{line: "connecting" | "connected" | "reconnecting" | "closed" | "superseded", attempt: number, error: Refusal | null}} LinkState */

export class Link {
  /** @param {string} url @param {Record<string, unknown>} introduction `client` and `caps` of hello @param {LinkOwner} owner */
  constructor(url, introduction, owner) {
    this.url = url;
    this.introduction = introduction;
    this.owner = owner;
    this.backoff = new Backoff();
    this.roundTrip = new RoundTrip();
    this.requests = new Requests();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.isWelcome = false;
    this.wasWelcome = false;
    this.isClosed = false;
    /** @type {string | null} */
    this.token = null;
    this.hadFreshTicket = false;
    /** @type {Refusal | null} */
    this.error = null;
    this.heardAt = 0;
    this.probedAt = 0;
    /** When the first probe was sent that nothing has followed yet. */
    this.waitingSince = Infinity;
    /** @type {Map<number, number>} */
    this.probes = new Map();
    /** @type {object | undefined} */
    this.attempt = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** @param {LinkState["line"]} line */
  tell(line) {
    this.owner.onState({ line, attempt: this.backoff.attempt, error: this.error });
  }

  async connect() {
    this.timer = undefined;
    this.tell(this.wasWelcome ? "reconnecting" : "connecting");
    const attempt = {};
    this.attempt = attempt;
    const timeout = setTimeout(() => this.lose(attempt), this.attemptMs);
    try {
      const hello = this.token ? this.resumption(this.token) : { ticket: await this.owner.ticket() };
      if (this.attempt === attempt) this.dial(hello, attempt, timeout);
    } catch {
      // no ticket: the server is away, or refuses; both are tried again, the banner says so meanwhile
      clearTimeout(timeout);
      this.lose(attempt);
    }
  }

  get attemptMs() {
    const expected = 8 * (this.roundTrip.smoothedMs ?? LONGEST_ATTEMPT_MS);
    return Math.min(Math.max(expected, SHORTEST_ATTEMPT_MS), LONGEST_ATTEMPT_MS);
  }

  /** @param {string} token */
  resumption(token) {
    return { resume: { token, last_re: this.requests.lastAnswered, ...this.owner.heard() } };
  }

  /**
   * @param {Record<string, unknown>} hello
   * @param {object} attempt
   * @param {ReturnType<typeof setTimeout>} timeout
   */
  dial(hello, attempt, timeout) {
    const socket = new WebSocket(this.url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => this.send({ t: "hello", v: [1], ...hello, ...this.introduction, want: [] });
    socket.onmessage = ({ data }) => {
      if (this.attempt !== attempt) return;
      this.heardAt = performance.now();
      this.waitingSince = Infinity;
      if (isMedia(data)) this.owner.onPacket(data);
      else this.take(decodeMessage(data), timeout, hello.resume !== undefined);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(timeout);
      this.lose(attempt, code);
    };
  }

  /**
   * @param {Message} message
   * @param {ReturnType<typeof setTimeout>} timeout of the attempt
   * @param {boolean} isResumed
   */
  take(message, timeout, isResumed) {
    if (message.t === "welcome") {
      clearTimeout(timeout);
      this.welcome(message, isResumed);
    } else if (message.t === "time") this.measure(message);
    else if (message.t === "goaway") this.again();
    else if (!this.requests.answer(message)) {
      if (message.t === "error" && message.fatal) this.error = new Refusal(message);
      this.owner.onMessage(message);
    }
  }

  /** @param {Message} message @param {boolean} isResumed */
  welcome(message, isResumed) {
    this.token = String(message.resume_token);
    this.isWelcome = true;
    this.wasWelcome = true;
    this.hadFreshTicket = false;
    this.error = null;
    this.backoff.reset();
    this.probes.clear();
    this.waitingSince = Infinity;
    if (!isResumed) this.requests.lose();
    this.tell("connected");
    this.owner.onWelcome(isResumed, message.user);
    if (isResumed) this.requests.repeat((request) => this.send(request));
    for (const wait of FIRST_PROBES_MS) setTimeout(() => this.probe(), wait);
  }

  probe() {
    if (!this.isWelcome) return;
    const id = this.requests.next();
    const now = performance.now();
    this.probedAt = now;
    this.waitingSince = Math.min(this.waitingSince, now);
    this.probes.set(id, now);
    this.send({ t: "time", id, c0: now, ...this.roundTrip.report });
  }

  /** @param {Message} message */
  measure(message) {
    const sent = this.probes.get(Number(message.re));
    if (sent === undefined) return;
    this.probes.delete(Number(message.re));
    this.roundTrip.add(performance.now() - sent);
  }

  /** Twice a second: is anybody there? */
  look() {
    if (!this.isWelcome) return;
    const now = performance.now();
    const patience = this.owner.isBuffered() ? SILENCE_MS : PROBE_EVERY_MS;
    if (now - this.waitingSince > Math.max(DEAD_MS, 4 * (this.roundTrip.smoothedMs ?? 0))) this.lose(this.attempt);
    else if (now - this.probedAt > PROBE_EVERY_MS || now - Math.max(this.heardAt, this.probedAt) > patience) this.probe();
  }

  /**
   * The line is gone: try again, unless the server said that it is no use.
   * @param {object | undefined} attempt the one that failed; an older one does not count
   * @param {number} [code] of the close
   */
  lose(attempt, code) {
    if (this.attempt !== attempt || this.isClosed) return;
    this.drop();
    if (code === RESUME_EXPIRED || code === UNAUTHENTICATED) this.token = null;
    const isFinal = code !== undefined && (FINAL_CODES.has(code) || (code === UNAUTHENTICATED && this.hadFreshTicket));
    if (code === UNAUTHENTICATED) this.hadFreshTicket = true;
    if (code === SUPERSEDED) this.end("superseded");
    else if (isFinal) this.end("closed");
    else {
      const wait = this.backoff.next(this.owner.isBuffered());
      this.tell(this.wasWelcome ? "reconnecting" : "connecting");
      this.timer = setTimeout(() => this.connect(), wait);
    }
  }

  /** Lets go of the socket without waiting for its closing handshake. */
  drop() {
    this.attempt = undefined;
    this.isWelcome = false;
    if (!this.socket) return;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  /** @param {"closed" | "superseded"} line */
  end(line) {
    this.isClosed = true;
    this.tell(line);
  }

  /** Something changed for the better (the network, the tab): try at once, or see whether the line still stands. */
  wake() {
    if (this.isWelcome) this.probe();
    else if (this.timer !== undefined) this.again();
  }

  /** As somebody else: nothing of the former line goes on. */
  begin() {
    this.token = null;
    this.hadFreshTicket = false;
    this.isClosed = false;
    this.again();
  }

  again() {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.drop();
    this.connect();
  }

  /** @param {Message} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encodeMessage(message));
  }

  /**
   * Asks now; what the line loses meanwhile is asked again after a resume.
   * @param {Message} message
   * @returns {Promise<Message>}
   */
  ask(message) {
    return this.requests.ask(message, (numbered) => {
      if (this.isWelcome) this.send(numbered);
    });
  }

  /** Leaves for good. */
  bye() {
    this.send({ t: "bye", reason: "closed" });
    this.isClosed = true;
    this.socket?.close(NORMAL_CLOSE);
  }
}
