/**
 * The player of the page: what the screen may ask for, and what it may know. It keeps the audio graph; all else is done by the
 * worker and the worklet.
 */

import { Instance } from "../net/instance.js";
import { authority, csrfToken } from "../net/rest.js";
import { deviceName } from "./device.js";
import { Graph, warmUp } from "./graph.js";
import { ENDED, WAITING } from "./log.js";

const RATE_HZ = 48000;
const WORKER_URL = new URL("../net/worker.js", import.meta.url);
const STATE_EVERY_MS = 100;
/** A context that does not run by then is held back by the browser. */
const BLOCKED_AFTER_MS = 1000;
/** Silence after which the sound card is let go. */
const IDLE_MS = 3000;
const STOP_FADE_MS = 300;
const LOG_ENTRIES = 16384;

/** @import {Connection, Failure, Param, PlayerState, Ready, StartOptions, TransportState} from "./player-state.js" */

/** True where the browser can render here; plain HTTP from another host cannot. */
function isSupported() {
  return window.isSecureContext && "AudioWorkletNode" in window;
}

const whoAsks = () => ({ csrf: csrfToken(), bearer: authority.bearer });

export class Player extends EventTarget {
  /** Codecs to ask for, best first. */
  codecs = ["s16", "f32"];
  /** What happened and where: acknowledgements, envelopes, changes of plane, starts and stands. @type {Record<string, unknown>[]} */
  log = [];

  #line = "connecting";
  #attempt = 0;
  /** @type {TransportState} */
  #transport = "idle";
  #isBlocked = false;
  #isTakenOver = false;
  #standing = WAITING;
  #startPos = 0;
  #endPos = 0;
  #play = 0;
  #playedAt = 0;
  #end = 0;
  #dropouts = 0;
  /** @type {PlayerState["limit"]} */
  #limit = null;
  /** @type {PlayerState["error"]} */
  #error = null;
  /** Why the line is gone, until it is there again. @type {PlayerState["error"]} */
  #lineError = null;
  /** @type {Map<string, Param>} */
  #params = new Map();
  /** @type {string | null} */
  #session = null;
  /** @type {string | null} */
  #preset = null;
  /** @type {Instance | null} */
  #instance = null;
  /** @type {Graph | null} */
  #graph = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {import("./media-session.js").MediaAnchor | null} */
  #anchor = null;
  #volume = 1;
  #isMuted = false;
  /** @type {Map<string, number | string>} */
  #asked = new Map();
  #toldAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tellTimer = undefined;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idleTimer = undefined;
  /** @type {Promise<MessagePort>} */
  #workletPort;

  constructor() {
    super();
    this.worker = new Worker(WORKER_URL, { type: "module" });
    /** @type {(port: MessagePort) => void} */
    let arrive = () => {};
    this.#workletPort = new Promise((resolve) => {
      arrive = resolve;
    });
    this.worker.onmessage = ({ data }) => {
      if (data.kind === "worklet-port") arrive(data.detail.port);
      else this.#hear(data.kind, data.detail);
    };
    if (isSupported()) warmUp();
    window.addEventListener("online", () => this.#command({ do: "wake" }));
    window.addEventListener("offline", () => this.#changed());
    document.addEventListener("visibilitychange", () => this.#see());
    window.addEventListener("pagehide", (event) => {
      if (!event.persisted) this.#command({ do: "bye" });
    });
  }

  // What the screen asks for

  /** Once it is known who is here. */
  connect() {
    const url = new URL("/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const client = { name: "soundwell-web", ver: "1", os: navigator.platform, device: deviceName(navigator.userAgent) };
    this.#command({ do: "hello", url: url.href, ...whoAsks(), client });
  }

  /** The line goes on as whoever is here now. @param {import("../ui/login.js").Change} change */
  become(change) {
    this.#command({ do: "become", change, ...whoAsks() });
  }

  /** A hand comes near: what a start needs is fetched. */
  prepare() {
    this.#command({ do: "prepare" });
  }

  /**
   * Call it inside the click. What plays already fades away while the new sound comes.
   * @param {StartOptions} options
   */
  async start({ params = {}, title = "Soundwell", ...wish }) {
    if (!isSupported()) {
      this.#fail({ code: "unsupported", msg: "Sound needs https, or localhost on the server's own machine." });
      return;
    }
    this.#graph ??= new Graph();
    const running = this.#graph.context.resume();
    this.#command({ do: "open", wish, params, codecs: this.codecs });
    this.#loading ??= this.#load(this.#graph);
    this.#holdMediaKeys(title);
    this.#begin(wish.preset ?? null, params);
    await this.#loading;
    await this.#unblock(running);
  }

  /** @param {string | null} preset @param {Record<string, number | string>} params */
  #begin(preset, params) {
    clearTimeout(this.#idleTimer);
    this.#preset = preset;
    this.#transport = "starting";
    this.#error = null;
    this.#isTakenOver = false;
    this.#session = null;
    this.#instance = null;
    this.#play = this.#end = this.#startPos = this.#endPos = 0;
    this.#dropouts = 0;
    this.#standing = WAITING;
    this.log = [];
    this.#params = new Map(
      Object.entries(params).map(([address, value]) => [address, { spec: null, value, sent: false, heard: false }]),
    );
    this.#changed(true);
  }

  /** The first sound does not wait for them. @param {string} title */
  async #holdMediaKeys(title) {
    const { MediaAnchor } = await import("./media-session.js");
    this.#anchor ??= new MediaAnchor({ play: () => this.resume(), pause: () => this.pause(), stop: () => this.stop() });
    if (this.#transport !== "ended") this.#anchor.start(title);
  }

  /** @param {Graph} graph */
  async #load(graph) {
    await graph.load(await this.#workletPort);
    graph.setVolume(this.#isMuted ? 0 : this.#volume);
    graph.context.onstatechange = () => this.#see();
  }

  /** @param {Promise<void>} running */
  async #unblock(running) {
    const timer = setTimeout(() => this.#block(true), BLOCKED_AFTER_MS);
    await running;
    clearTimeout(timer);
    this.#block(false);
  }

  /** @param {boolean} isBlocked */
  #block(isBlocked) {
    this.#isBlocked = isBlocked;
    this.#changed(true);
  }

  /** The newest value per address goes out once a frame. @param {string} address @param {number | string} value */
  set(address, value) {
    if (this.#asked.size === 0) requestAnimationFrame(() => this.#sendAsked());
    this.#asked.set(address, value);
    const known = this.#params.get(address);
    this.#params.set(address, { spec: known?.spec ?? null, value, sent: false, heard: false });
    this.#changed();
  }

  #sendAsked() {
    for (const [address, value] of this.#asked) this.#command({ do: "set", address, value });
    this.#asked.clear();
  }

  gestureEnd() {
    if (this.#asked.size > 0) this.#sendAsked();
    this.#command({ do: "gesture-end" });
  }

  pause() {
    if (this.#transport !== "playing") return;
    this.#command({ do: "pause" });
    this.#move("paused");
  }

  /** Goes on after a pause, and after the browser held the sound back. */
  resume() {
    this.#graph?.context.resume();
    if (this.#transport !== "paused") return;
    this.#command({ do: "resume" });
    this.#move("playing");
  }

  toggle() {
    if (this.#transport === "paused") this.resume();
    else this.pause();
  }

  /** @param {number} fade_ms */
  stop(fade_ms = STOP_FADE_MS) {
    this.finish(fade_ms);
  }

  /** Fades out and ends. @param {number} fade_ms */
  finish(fade_ms) {
    this.#command({ do: "finish", fade_ms: Math.max(10, Math.round(fade_ms)) });
  }

  /** @param {number} seconds */
  extend(seconds) {
    this.#command({ do: "extend", seconds });
  }

  /** Programme time. @param {number} seconds */
  seek(seconds) {
    this.#command({ do: "seek", seconds });
  }

  // What the screen may know

  get volume() {
    return this.#volume;
  }

  /** The listener's own last gain, 0 to 1. */
  set volume(gain) {
    this.#volume = Math.min(1, Math.max(0, gain));
    this.#graph?.setVolume(this.#isMuted ? 0 : this.#volume);
    this.#changed();
  }

  get muted() {
    return this.#isMuted;
  }

  set muted(isMuted) {
    this.#isMuted = isMuted;
    this.#graph?.setVolume(isMuted ? 0 : this.#volume);
    this.#changed();
  }

  /** What is heard, fades and volume included. */
  get analyser() {
    return this.#graph?.analyser ?? null;
  }

  /** What reaches the destination, before the volume. */
  get tap() {
    return this.#graph?.worklet ?? null;
  }

  get context() {
    return this.#graph?.context ?? null;
  }

  /** Everything that determines the sound. */
  instance() {
    return this.#instance?.value ?? null;
  }

  /** @returns {PlayerState} */
  get state() {
    const play = this.#playNow;
    return {
      connection: this.#connection,
      attempt: this.#attempt,
      transport: this.#transport,
      position_s: (play - this.#startPos) / RATE_HZ,
      remaining_s: Math.max(0, this.#endPos - play) / RATE_HZ,
      duration_s: (this.#endPos - this.#startPos) / RATE_HZ,
      buffered_s: Math.max(0, this.#end - play) / RATE_HZ,
      dropouts: this.#dropouts,
      limit: this.#limit,
      error: this.#error ?? this.#lineError,
      params: this.#params,
      session: this.#session,
      preset: this.#preset,
    };
  }

  /** The last tick, and what was played since; never further than what is there. */
  get #playNow() {
    const since = this.#standing === 0 ? ((performance.now() - this.#playedAt) * RATE_HZ) / 1000 : 0;
    return Math.max(this.#play, Math.min(this.#play + since, this.#end));
  }

  /** @returns {Connection} */
  get #connection() {
    if (!isSupported()) return "unsupported";
    if (this.#isTakenOver) return "taken-over";
    if (this.#isBlocked) return "blocked";
    if (this.#line !== "connected" && !navigator.onLine) return "offline";
    if (this.#line === "connected" && this.#transport === "playing" && this.#standing === WAITING) return "buffering";
    return /** @type {Connection} */ (this.#line);
  }

  // What the worker tells

  /** @param {string} kind @param {any} detail */
  #hear(kind, detail) {
    switch (kind) {
      case "line":
        return this.#lineChanged(detail);
      case "ready":
        return this.#ready(detail);
      case "tick":
        return this.#tick(detail);
      case "ack":
      case "envelope":
      case "base":
        return this.#keep(kind, detail);
      case "sent":
      case "heard":
        return this.#param(kind, detail.address);
      case "event":
        return this.#event(detail);
      case "user":
        this.#limit = detail.user?.allowance ?? null;
        return this.#changed();
      case "ended":
        return this.#ended(detail);
      case "failed":
        return this.#fail(detail);
      case "who":
        return this.#tellWho();
      case "notice":
      case "refused":
        return this.dispatchEvent(new CustomEvent("notice", { detail }));
    }
  }

  /** A ticket was refused: the proof may have aged. */
  async #tellWho() {
    const { bearer } = authority;
    if (bearer) await authority.renew(bearer);
    this.become("keep");
  }

  /** @param {{line: string, attempt: number, error: {code: string, msg: string} | null}} detail */
  #lineChanged({ line, attempt, error }) {
    this.#isTakenOver ||= line === "superseded";
    if (this.#line !== line) this.#note({ kind: "line", line });
    this.#line = line === "closed" || line === "superseded" ? "offline" : line;
    this.#attempt = attempt;
    this.#lineError = error ? { code: error.code, msg: error.msg } : null;
    this.#changed(true);
  }

  /** @param {Ready} ready */
  #ready({ session, startPos, endPos, rev, gainEnv, params, instance, isNew }) {
    this.#session = session;
    this.#endPos = endPos;
    this.#note({ kind: "ready", session, startPos, endPos, rev, gainEnv, instance, isNew });
    if (!isNew) return;
    this.#startPos = this.#play = this.#end = startPos;
    this.#instance = new Instance(instance);
    for (const spec of params) {
      const asked = this.#params.get(spec.address);
      const value = asked?.value ?? spec.value;
      this.#params.set(spec.address, { spec, value, sent: asked?.sent ?? true, heard: asked?.heard ?? true });
    }
    this.#changed(true);
  }

  /** @param {{play: number, end: number, standing: number, underruns: number, frame: number, log: import("./log.js").LogEntry[]}} tick */
  #tick({ play, end, standing, underruns, log }) {
    const hasMoved = this.#standing !== standing;
    if (this.#limit?.left_s) this.#limit.left_s = Math.max(0, this.#limit.left_s - (play - this.#play) / RATE_HZ);
    this.#play = play;
    this.#end = end;
    this.#playedAt = performance.now();
    this.#standing = standing;
    this.#dropouts = underruns;
    for (const entry of log) this.#note({ kind: "worklet", ...entry });
    if (this.#transport === "starting" && standing === 0) this.#move("playing");
    else this.#changed(hasMoved);
  }

  /** @param {string} kind @param {any} detail */
  #keep(kind, detail) {
    if (kind === "envelope") this.#endPos = detail.endPos;
    if (kind === "base") this.#instance?.fold(detail.entry);
    else if (detail.entry) this.#instance?.append(detail.entry);
    this.#note({ kind, ...detail });
    this.#changed();
  }

  /** @param {"sent" | "heard"} state @param {string} address */
  #param(state, address) {
    const param = this.#params.get(address);
    if (param) this.#params.set(address, { ...param, sent: true, heard: state === "heard" });
    this.dispatchEvent(new CustomEvent("param", { detail: { address, state } }));
    this.#changed();
  }

  /** @param {{type: string, data: any}} event */
  #event({ type, data }) {
    if (type === "listen.limit_warned") this.#limit = { left_s: data.left_s };
    else if (type === "listen.limit_reached") this.#limit = { left_s: 0, resets_at: data.resets_at };
    this.dispatchEvent(new CustomEvent("event", { detail: { type, data } }));
    this.#changed(true);
  }

  /** @param {{reason: string, heard_s: number, played_s: number, by: string | null}} detail */
  #ended(detail) {
    this.#isTakenOver = detail.by !== null;
    this.#standing = ENDED;
    this.#anchor?.stop();
    this.#idleTimer = setTimeout(() => this.#graph?.context.suspend(), IDLE_MS);
    this.#transport = "ended";
    this.#note({ kind: "ended", ...detail });
    this.dispatchEvent(new CustomEvent("ended", { detail }));
    this.#changed(true);
  }

  /** @param {Failure} failure */
  #fail({ code, msg, sessions, resets_at }) {
    this.#error = sessions ? { code, msg, sessions } : { code, msg };
    if (code === "limit_reached") this.#limit = { left_s: 0, resets_at };
    this.#anchor?.stop();
    this.#transport = "idle";
    this.#changed(true);
  }

  // Inside

  /** The page or the audio device came or went. */
  #see() {
    this.#command({ do: "hidden", isHidden: document.hidden });
    const { context } = this;
    if (!context || this.#transport === "idle" || this.#transport === "ended") return;
    const isHeldBack = context.state !== "running" && context.state !== "closed";
    if (isHeldBack && !document.hidden) context.resume();
    if (isHeldBack !== this.#isBlocked) this.#block(isHeldBack);
  }

  /** @param {"playing" | "paused"} transport */
  #move(transport) {
    this.#transport = transport;
    this.#anchor?.show(transport);
    this.#changed(true);
  }

  /** @param {Record<string, unknown>} entry */
  #note(entry) {
    if (this.log.length === LOG_ENTRIES) this.log.shift();
    this.log.push({ ...entry, ms: Math.round(performance.now()) });
  }

  /** @param {import("../net/worker.js").PageCommand} command */
  #command(command) {
    this.worker.postMessage(command);
  }

  /** Tells the screen: transitions at once, all else at most ten times a second. */
  #changed(isAtOnce = false) {
    const wait = isAtOnce ? 0 : this.#toldAt + STATE_EVERY_MS - performance.now();
    if (wait <= 0) {
      clearTimeout(this.#tellTimer);
      this.#tellTimer = undefined;
      this.#toldAt = performance.now();
      this.dispatchEvent(new Event("state"));
    } else this.#tellTimer ??= setTimeout(() => this.#changed(true), wait);
  }
}
