/** @typedef {import("./listening.js").Listening} Listening */

/**
 * A piece of the screen that shows one `Listening`: built once, updated after each change while it is in the page.
 * Light DOM, so that labels and ids reach across.
 */
export class Part extends HTMLElement {
  /** @type {Listening} */
  listening = /** @type {any} */ (undefined);
  #built = false;
  #life = new AbortController();

  /**
   * @template {Part} T
   * @this {new () => T}
   * @param {Listening} listening @returns {T}
   */
  static of(listening) {
    const part = new this();
    part.listening = listening;
    return part;
  }

  /** Gives the same listening to the parts inside. @param {...Part} parts */
  lend(...parts) {
    for (const part of parts) part.listening = this.listening;
  }

  connectedCallback() {
    this.#life = new AbortController();
    if (!this.#built) {
      this.#built = true;
      this.build();
    }
    this.connect(this.#life.signal);
    this.listening.addEventListener("change", () => this.#show(), { signal: this.#life.signal });
    this.#show();
  }

  /** A part that cannot show the state stays as it was: the sound and the other parts go on. */
  #show() {
    try {
      this.update();
    } catch (error) {
      this.listening.tellFailure(error);
    }
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** Fills the element; called once. */
  build() {}

  /** Listens to whatever else matters while connected. @param {AbortSignal} _signal */
  connect(_signal) {}

  /** Shows the present state. */
  update() {}
}
