import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { Part } from "./part.js";

const LITTLE_S = 3;
const PATIENCE_MS = 5000;
const FULL_S = 10;
const RING = 2 * Math.PI * 8;

/** @type {Record<string, string>} */
const ICONS = { offline: "cloud", "taken-over": "disc", blocked: "speaker", unsupported: "warning" };

/** One line under the header when the sound needs a word. It pushes nothing, and in sleep it never lights up. */
export class Banner extends Part {
  sign = h("span", { class: "banner-sign" }, icon("cloud", 20));
  drain = drainRing();
  first = h("b", {});
  rest = h("span", { class: "soft" });
  here = h("button", { class: "button compact", onclick: () => this.listening.toggle() }, later.banner.here);
  line = h("div", { class: "banner", hidden: true }, this.sign, h("p", {}, this.first, " ", this.rest), this.here);
  #since_ms = 0;

  build() {
    this.setAttribute("role", "status");
    this.append(this.line);
  }

  update() {
    const { state, view } = this.listening;
    const { connection, attempt, buffered_s, transport } = state;
    const playing = transport === "playing" || transport === "paused";
    if (connection !== "reconnecting") this.#since_ms = 0;
    else this.#since_ms ||= performance.now();
    const late = this.#since_ms > 0 && performance.now() - this.#since_ms > PATIENCE_MS;
    const reconnecting = connection === "reconnecting" && (late || (playing && buffered_s < LITTLE_S));
    // at the wells the screen itself says that it is offline
    const isSaid = view === "ended" || (view === "idle" && connection === "offline");
    const shown = reconnecting || (connection in ICONS && !isSaid);
    mark(this.line, "hidden", !shown);
    mark(this.line, "data-connection", connection);
    mark(this.here, "hidden", connection !== "taken-over");
    if (reconnecting) this.#showReconnecting(attempt, playing ? buffered_s : 0);
    else if (shown) this.#showPlain(connection);
  }

  /** @param {number} attempt @param {number} left_s */
  #showReconnecting(attempt, left_s) {
    this.sign.replaceChildren(this.drain.svg);
    this.drain.show(left_s / FULL_S);
    write(this.first, later.banner.reconnecting(attempt));
    write(this.rest, left_s >= 1 ? later.banner.left(Math.floor(left_s)) : later.banner.quiet);
  }

  /** @param {string} connection */
  #showPlain(connection) {
    setIcon(this.sign, ICONS[connection], 20);
    const [first, rest] = /** @type {string[]} */ (later.banner[/** @type {"offline"} */ (connection)]);
    write(this.first, first);
    write(this.rest, rest);
  }
}

/** The sound left in the buffer, as a ring that drains. */
function drainRing() {
  const template = document.createElement("template");
  template.innerHTML =
    '<svg class="drain" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/><circle cx="10" cy="10" r="8" transform="rotate(-90 10 10)"/></svg>';
  const svg = /** @type {SVGElement} */ (template.content.firstElementChild);
  return {
    svg,
    /** @param {number} share 0–1 */
    show: (share) =>
      svg.lastElementChild?.setAttribute("stroke-dasharray", `${(RING * Math.min(1, share)).toFixed(1)} ${RING}`),
  };
}

customElements.define("sw-banner", Banner);
