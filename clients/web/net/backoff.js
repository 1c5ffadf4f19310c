/** When to try again: at least every second while there is something left to play, then with full jitter. */

const FIRST_MS = 250;
const BUFFERED_MS = 1000;
const LONGEST_MS = 8000;

export class Backoff {
  constructor(random = Math.random) {
    this.random = random;
    this.attempt = 0;
  }

  /** Milliseconds to wait before the next attempt. @param {boolean} isBuffered */
  next(isBuffered) {
    const grown = FIRST_MS * 2 ** Math.min(this.attempt, 8);
    this.attempt += 1;
    if (this.attempt === 1) return 0;
    return isBuffered ? Math.min(grown, BUFFERED_MS) : this.random() * Math.min(grown, LONGEST_MS);
  }

  reset() {
    this.attempt = 0;
  }
}
