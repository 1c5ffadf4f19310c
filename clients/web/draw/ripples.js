import { css } from "./palette.js";

/**
 * @typedef {import("./palette.js").Colours & {night: boolean}} Palette
 * @typedef {{x: number, y: number}} Point
 */

const TURN = 2 * Math.PI;
const SPEED = 6;
const EVERY_S = 8;
const ARRIVAL_S = 2;
const FIRST = 1.17;
const STEP = 0.13;
const GROWTH = 1.2;
const FAR_RINGS = 11;

/** The rings that leave the well: hairlines that move out 6 px a second, a new one every 8 s. */
export class Ripples {
  /** @type {{radius: number, age_s: number}[]} */
  #rings = [];
  #well = 0;
  #since_s = 0;

  /** @param {number} radius of the timer ring, px @param {number} count 6 on a phone, 9 elsewhere */
  settle(radius, count) {
    if (this.#well === radius) return;
    this.#well = radius;
    this.#since_s = 0;
    this.#rings = Array.from({ length: count }, (_, k) => ({
      radius: radius * (FIRST + (STEP * (GROWTH ** k - 1)) / (GROWTH - 1)),
      age_s: ARRIVAL_S,
    }));
  }

  /** @param {number} step_s */
  move(step_s) {
    this.#since_s += step_s;
    for (const ring of this.#rings) {
      ring.radius += SPEED * step_s;
      ring.age_s += step_s;
    }
    this.#rings = this.#rings.filter((ring) => this.#alpha(ring.radius) > 0.004);
    if (this.#since_s < EVERY_S) return;
    this.#since_s -= EVERY_S;
    this.#rings.push({ radius: this.#well * FIRST, age_s: 0 });
  }

  /** @param {CanvasRenderingContext2D} context with the origin in the centre @param {Palette} palette */
  draw(context, palette) {
    context.lineWidth = 1;
    for (const { radius, age_s } of this.#rings) {
      context.strokeStyle = css(palette.purple, this.#alpha(radius) * Math.min(1, age_s / ARRIVAL_S));
      context.beginPath();
      context.arc(0, 0, radius, 0, TURN);
      context.stroke();
    }
  }

  /** Fainter by .76 with each step of the geometry. @param {number} radius px */
  #alpha(radius) {
    const beyond = Math.max(0, radius / this.#well - FIRST);
    const index = Math.log(1 + (beyond / STEP) * (GROWTH - 1)) / Math.log(GROWTH);
    return 0.3 * 0.76 ** index;
  }
}

/**
 * Eleven wide rings around each of the three wells, which cross like rain on a pond.
 * @param {CanvasRenderingContext2D} context @param {Point[]} centres @param {number} radius of the first ring, px @param {Palette} palette
 */
export function drawFarRings(context, centres, radius, palette) {
  context.lineWidth = 1;
  for (const { x, y } of centres) {
    for (let k = 0; k < FAR_RINGS; k += 1) {
      context.strokeStyle = css(palette.purple, (palette.night ? 0.125 : 0.085) * 0.84 ** k);
      context.beginPath();
      context.arc(x, y, radius * (1 + (0.19 * (1.06 ** k - 1)) / 0.06), 0, TURN);
      context.stroke();
    }
  }
}
