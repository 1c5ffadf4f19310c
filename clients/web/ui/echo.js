import { h } from "./dom.js";

/** The dot beside a value: hollow when the change is on its way, green when it has become sound. */
export class Echo {
  address = "";
  element = h("span", { class: "echo", "aria-hidden": "true" });

  /** @param {import("./listening.js").Player} player @param {AbortSignal} signal */
  follow(player, signal) {
    const note = (/** @type {Event} */ event) => {
      const { address, state } = /** @type {CustomEvent} */ (event).detail;
      if (address === this.address) this.element.dataset.state = state;
    };
    player.addEventListener("param", note, { signal });
  }
}
