/** Parameters that wait to be sent: the newest value per address, at most fifty messages a second. */

const APART_MS = 20;

/** @typedef {Record<string, number | string>} Values */

export class Patch {
  /** @param {(values: Values) => void} send */
  constructor(send) {
    this.send = send;
    /** @type {Values} */
    this.waiting = {};
    this.sentAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** False while there is nobody to send to. */
    this.isOpen = false;
  }

  /** @param {string} address @param {number | string} value */
  set(address, value) {
    this.waiting[address] = value;
    this.plan();
  }

  /** Values of a lost request: they are sent again, unless there are newer ones. @param {Values} values */
  putBack(values) {
    this.waiting = { ...values, ...this.waiting };
    this.plan();
  }

  open() {
    this.isOpen = true;
    this.plan();
  }

  close() {
    this.isOpen = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  clear() {
    this.waiting = {};
  }

  plan() {
    if (!this.isOpen || this.timer !== undefined || Object.keys(this.waiting).length === 0) return;
    const wait = this.sentAt + APART_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), wait);
  }

  flush() {
    this.timer = undefined;
    const values = this.waiting;
    this.waiting = {};
    this.sentAt = performance.now();
    this.send(values);
  }
}
