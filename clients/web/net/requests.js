/** Requests and their answers. They keep their number across resumes, and the server answers each once. */

import { WireError } from "./wire.js";

/** @typedef {import("./wire.js").Message} Message */

/** What the server refused. */
export class Refusal extends Error {
  /** @param {Message} message an `error` */
  constructor(message) {
    super(String(message.msg));
    this.code = String(message.code);
    this.details = message;
  }
}

/** The connection began anew: what was under way is unanswered for ever. */
export class Lost extends Error {}

export class Requests {
  constructor() {
    this.last = 0;
    /** @type {Map<number, {message: Message, resolve: (reply: Message) => void, reject: (error: Error) => void}>} */
    this.open = new Map();
  }

  /** The next number; probes take theirs from the same row. */
  next() {
    this.last += 1;
    return this.last;
  }

  /**
   * @param {Message} message without `id`
   * @param {(message: Message) => void} send
   * @returns {Promise<Message>} the reply; rejects with Refusal or Lost
   */
  ask(message, send) {
    const id = this.next();
    const numbered = { ...message, id };
    return new Promise((resolve, reject) => {
      this.open.set(id, { message: numbered, resolve, reject });
      send(numbered);
    });
  }

  /** True where the message was the answer to a request. @param {Message} message */
  answer(message) {
    if (message.re === undefined || message.re === null) return false;
    if (typeof message.re !== "number") throw new WireError("re must be a number");
    const request = this.open.get(message.re);
    if (!request) return false;
    this.open.delete(message.re);
    if (message.t === "error") request.reject(new Refusal(message));
    else request.resolve(message);
    return true;
  }

  /** Everything up to here was answered. */
  get lastAnswered() {
    return this.open.size > 0 ? Math.min(...this.open.keys()) - 1 : this.last;
  }

  /** After a resume. @param {(message: Message) => void} send */
  repeat(send) {
    for (const { message } of this.open.values()) send(message);
  }

  /** After a new beginning: the server knows none of them. */
  lose() {
    const lost = [...this.open.values()];
    this.open.clear();
    this.last = 0;
    for (const { reject } of lost) reject(new Lost("The connection began anew."));
  }
}
