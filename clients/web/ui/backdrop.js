import { drawGround } from "../draw/ground.js";
import { FrameLoop, isStill } from "../draw/loop.js";
import { onThemeChange, readPalette } from "../draw/palette.js";
import { drawFarRings, Ripples } from "../draw/ripples.js";
import { Surface } from "../draw/surface.js";
import { h } from "./dom.js";
import { Part } from "./part.js";
import { isAsleep } from "./asleep.js";

const PHONE_PX = 700;
/** The rings move 6 px a second: half a pixel a frame. */
const RATE_HZ = 12;

/** Behind everything: the ground with its two lights, and the rings on the water. */
export class Backdrop extends Part {
  ground = new Surface(h("canvas", { class: "ground", "aria-hidden": "true" }));
  rings = new Surface(h("canvas", { class: "rings", "aria-hidden": "true" }));
  loop = new FrameLoop((step_s) => this.#move(step_s), RATE_HZ);
  #ripples = new Ripples();
  #placed = "";

  build() {
    this.append(this.ground.canvas, this.rings.canvas);
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.palette = readPalette(this);
    const observer = new ResizeObserver(() => this.place());
    observer.observe(/** @type {HTMLElement} */ (this.parentElement));
    observer.observe(document.documentElement);
    signal.addEventListener("abort", () => observer.disconnect());
    onThemeChange(() => {
      this.palette = readPalette(this);
      this.place();
    }, signal);
  }

  update() {
    const { view, state, status } = this.listening;
    this.loop.run(Boolean(this.centre) && view === "playing" && state.transport === "playing" && !isStill() && !isAsleep());
    const placed = `${/** @type {HTMLElement | null} */ (document.querySelector("sw-listen"))?.dataset.view} ${status}`;
    if (placed === this.#placed) return;
    this.#placed = placed;
    requestAnimationFrame(() => this.place());
  }

  /** Measures where the wells are now, and draws all of it once. */
  place() {
    const shell = /** @type {HTMLElement} */ (this.parentElement);
    this.ground.resize(innerWidth, innerHeight);
    this.rings.resize(shell.clientWidth, shell.offsetHeight);
    const well = /** @type {HTMLElement | null} */ (shell.querySelector("sw-timer-ring, sw-session-rings"));
    const wells = /** @type {HTMLElement[]} */ ([...shell.querySelectorAll(".mode:not(.leaving *) .mode-well")]);
    const discs = wells.map((disc) => centreOf(disc, shell));
    if (well) this.#placeWell(centreOf(well, shell), well.clientHeight / 2);
    else this.#placeWells(discs, wells);
    this.#drawRings();
  }

  /** @param {{x: number, y: number}} centre @param {number} radius px, marks included */
  #placeWell({ x, y }, radius) {
    this.centre = { x, y };
    this.far = null;
    this.#ripples.settle(radius - 18, innerWidth < PHONE_PX ? 6 : 9);
    const top = y - scrollY;
    drawGround(
      this.ground,
      {
        purple: { x, y: top, radius: radius * 2.6 },
        gold: { x, y: top + radius * 0.5, radius: radius * 1.9, strength: 0.045 },
      },
      this.#colours,
    );
  }

  /** @param {{x: number, y: number}[]} centres @param {Element[]} wells */
  #placeWells(centres, wells) {
    const size = wells[0]?.clientHeight ?? 0;
    const gold = centres[wells.findIndex((well) => well.parentElement?.matches(".gold"))];
    this.centre = null;
    this.far = innerWidth < PHONE_PX ? null : { centres, radius: size * 0.6 };
    drawGround(
      this.ground,
      {
        purple: { x: innerWidth / 2, y: innerHeight * 0.36, radius: Math.hypot(innerWidth, innerHeight) * 0.65 },
        gold: gold ? { x: gold.x, y: gold.y - scrollY, radius: size * 1.25, strength: 0.07 } : null,
      },
      this.#colours,
    );
  }

  /** @param {number} step_s */
  #move(step_s) {
    this.#ripples.move(step_s);
    this.#drawRings();
  }

  #drawRings() {
    const { context } = this.rings;
    this.rings.clear();
    if (matchMedia("(prefers-contrast: more), (forced-colors: active)").matches) return;
    if (this.far) drawFarRings(context, this.far.centres, this.far.radius, this.#colours);
    if (!this.centre) return;
    context.save();
    context.translate(this.centre.x, this.centre.y);
    this.#ripples.draw(context, this.#colours);
    context.restore();
  }

  get #colours() {
    return /** @type {ReturnType<typeof readPalette>} */ (this.palette);
  }
}

/** By layout, so that a well that is still growing counts where it will stand. @param {HTMLElement} element @param {HTMLElement} origin */
function centreOf(element, origin) {
  let [x, y] = [element.offsetWidth / 2, element.offsetHeight / 2];
  /** @type {HTMLElement | null} */
  let box = element;
  while (box && box !== origin) {
    x += box.offsetLeft;
    y += box.offsetTop;
    box = /** @type {HTMLElement | null} */ (box.offsetParent);
  }
  return { x, y };
}

customElements.define("sw-backdrop", Backdrop);
