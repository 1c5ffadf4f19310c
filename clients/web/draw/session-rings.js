import { css } from "./palette.js";
import { smoothPath } from "./shore.js";

/** @typedef {import("./palette.js").Colours & {night: boolean}} Palette */

const CORE = 0.2;
const POINTS = 48;
const MOST_RINGS = 60;

/**
 * One ring a minute from the centre out, wider where the sound was stronger; the last one is gold.
 * @param {CanvasRenderingContext2D} context with the origin in the centre
 * @param {number[]} minutes mean intensity of each, 0–1
 * @param {number} radius of the last ring, px
 * @param {number} progress 0–1 of the rings that have appeared
 * @param {Palette} palette
 */
export function drawSessionRings(context, minutes, radius, progress, palette) {
  const rings = gather(minutes);
  const shown = Math.ceil(rings.length * progress);
  rings.slice(0, shown).forEach((intensity, i) => {
    const last = i === rings.length - 1;
    const share = rings.length === 1 ? 1 : i / (rings.length - 1);
    const path = smoothPath(wobble(radius * (CORE + (1 - CORE) * share), i));
    context.strokeStyle = last ? css(palette.goldLine) : css(palette.purple, 0.3 + 0.62 * intensity);
    context.lineWidth = last ? 2 : 0.7 + 2.6 * intensity;
    context.stroke(path);
  });
}

/**
 * The radius of the ring that a moment belongs to.
 * @param {number} at_s @param {number} count minutes in all @param {number} radius of the last ring, px
 */
export function radiusAt(at_s, count, radius) {
  const each = Math.ceil(count / MOST_RINGS);
  const rings = Math.ceil(count / each);
  const share = rings <= 1 ? 1 : Math.min(rings - 1, Math.floor(at_s / 60 / each)) / (rings - 1);
  return radius * (CORE + (1 - CORE) * share);
}

/** Above an hour a ring is as many minutes as fit. @param {number[]} minutes @returns {number[]} */
function gather(minutes) {
  const each = Math.ceil(minutes.length / MOST_RINGS);
  return Array.from({ length: Math.ceil(minutes.length / each) }, (_, i) => {
    const part = minutes.slice(i * each, (i + 1) * each);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** Under 3 px, so that it looks like wood and not like a target. @param {number} radius @param {number} ring @returns {number[]} */
function wobble(radius, ring) {
  return Array.from({ length: POINTS }, (_, i) => {
    const angle = (i / POINTS) * 2 * Math.PI;
    return radius + 1.6 * Math.sin(2 * angle + ring * 0.37) + 1.1 * Math.sin(3 * angle - ring * 0.23);
  });
}
