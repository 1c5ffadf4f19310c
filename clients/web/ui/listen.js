import { isStill } from "../draw/loop.js";
import { Ending } from "./ending.js";
import { Part } from "./part.js";
import { Session } from "./session.js";
import { Wells } from "./wells.js";

/** @typedef {import("./listening.js").View} View */

/** The Listen screen: the wells, the session, its end. */
export class Listen extends Part {
  /** @type {View | ""} */
  #shown = "";

  update() {
    const { view } = this.listening;
    if (view === this.#shown) return;
    const from = this.#pressedWell();
    const focused = this.contains(document.activeElement);
    const first = this.#shown === "";
    this.#shown = view;
    this.dataset.view = view;
    const screen = this.#screen(view);
    this.#leave(view);
    this.append(screen);
    if (screen instanceof Session && from && !isStill()) screen.grow(from);
    if (focused && !first) this.#focus(screen);
    if (!first) scrollTo(0, 0);
  }

  /** @param {View} view */
  #screen(view) {
    if (view === "playing") return Session.of(this.listening);
    return view === "ended" ? Ending.of(this.listening) : Wells.of(this.listening);
  }

  /** Where the chosen well stands now, if one of the three was chosen. */
  #pressedWell() {
    return this.querySelector(`.mode[data-preset="${this.listening.preset?.id}"] .mode-well`)?.getBoundingClientRect();
  }

  /** What was there sinks away under what comes. @param {View} next */
  #leave(next) {
    for (const old of /** @type {HTMLElement[]} */ ([...this.children])) {
      if (isStill() || next !== "playing") {
        old.remove();
        continue;
      }
      old.inert = true;
      old.classList.add("leaving");
      old.animate([{ opacity: 1 }, { opacity: 0, transform: "translateY(12px)" }], { duration: 320, fill: "forwards" }).finished.then(() => old.remove());
    }
  }

  /** @param {HTMLElement} screen */
  #focus(screen) {
    /** @type {HTMLElement | null} */ (screen.querySelector(".well-disc, .ending-words h1, .mode"))?.focus({ preventScroll: true });
  }
}

customElements.define("sw-listen", Listen);
