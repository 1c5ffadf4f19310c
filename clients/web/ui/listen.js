import { isStill } from "../draw/loop.js";
import { fetchEnding, fetchRest, fetchSession } from "./later.js";
import { Part } from "./part.js";
import { Wells } from "./wells.js";

/** @typedef {import("./listening.js").View} View */

/** The Listen screen: the wells, the session, its end. */
export class Listen extends Part {
  /** @type {View | ""} what is shown, or on its way */
  #shown = "";

  update() {
    const { view } = this.listening;
    if (view === this.#shown) return;
    this.#shown = view;
    if (view === "idle") this.#show(view, Wells.of(this.listening));
    else this.#fetch(view);
  }

  /** @param {"playing" | "ended"} view */
  async #fetch(view) {
    const screen =
      view === "playing"
        ? (await fetchSession()).Session.of(this.listening)
        : (await fetchEnding()).Ending.of(this.listening);
    if (view === this.#shown) this.#show(view, screen);
    fetchRest(this.listening);
  }

  /** @param {View} view @param {Part & {grow?: (from: DOMRect) => void}} screen */
  #show(view, screen) {
    const from = this.#pressedWell();
    const isFirst = this.childElementCount === 0;
    const hadFocus = this.contains(document.activeElement);
    this.dataset.view = view;
    this.#leave(view);
    this.append(screen);
    this.listening.dispatchEvent(new Event("change"));
    if (from && !isStill()) screen.grow?.(from);
    if (isFirst) return;
    if (hadFocus) this.#focus(screen);
    scrollTo(0, 0);
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
      const sink = old.animate([{ opacity: 1 }, { opacity: 0, transform: "translateY(12px)" }], {
        duration: 320,
        fill: "forwards",
      });
      sink.finished.then(() => old.remove());
    }
  }

  /** @param {HTMLElement} screen */
  #focus(screen) {
    /** @type {HTMLElement | null} */ (screen.querySelector(".well-disc, .ending-words h1, .mode"))?.focus({
      preventScroll: true,
    });
  }
}

customElements.define("sw-listen", Listen);
