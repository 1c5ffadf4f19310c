import { css } from "./palette.js";

/** @typedef {import("./palette.js").Colours} Colours */

const CURVES = 6;
const INNER = 0.7;
const BASE = 0.715;
const REACH = 0.19;

/**
 * The moving shore: six nested closed curves around the water, the outermost the spectrum itself.
 * @param {CanvasRenderingContext2D} context with the origin in the centre of the well
 * @param {Float32Array} levels 0–1, lowest band first
 * @param {number} radius of the timer ring, px
 * @param {Colours} colours
 * @param {number} presence 0–1; 0.4 in pause
 */
export function drawShore(context, levels, radius, colours, presence) {
  const outline = closedRadii(levels);
  context.lineJoin = "round";
  for (let k = CURVES; k >= 1; k -= 1) {
    const share = (k / CURVES) ** 1.3;
    const radii = outline.map((level) => radius * (INNER + (BASE - INNER + level * REACH * presence) * share));
    const path = smoothPath(radii);
    const land = new Path2D(path);
    land.arc(0, 0, radius * INNER, 0, 2 * Math.PI);
    context.fillStyle = css(colours.purple, 0.04);
    context.fill(land, "evenodd");
    context.strokeStyle = css(colours.purple, (0.22 + (0.73 * (k - 1)) / (CURVES - 1)) * presence);
    context.lineWidth = k === CURVES ? 1.5 : 1;
    context.stroke(path);
  }
}

/** The lowest band at six o'clock, up both sides to the highest at twelve. @param {Float32Array} levels @returns {number[]} clockwise from twelve */
function closedRadii(levels) {
  const rising = Array.from(levels);
  return [...rising.slice().reverse(), ...rising];
}

/** Catmull-Rom through the points, as Bézier curves. @param {number[]} radii @returns {Path2D} */
export function smoothPath(radii) {
  const count = radii.length;
  /** @param {number} i */
  const point = (i) => {
    const index = (i + count) % count;
    const angle = ((index + 0.5) / count) * 2 * Math.PI - Math.PI / 2;
    return { x: radii[index] * Math.cos(angle), y: radii[index] * Math.sin(angle) };
  };
  const path = new Path2D();
  const start = point(0);
  path.moveTo(start.x, start.y);
  for (let i = 0; i < count; i += 1) {
    const [before, from, to, after] = [point(i - 1), point(i), point(i + 1), point(i + 2)];
    path.bezierCurveTo(
      from.x + (to.x - before.x) / 6,
      from.y + (to.y - before.y) / 6,
      to.x - (after.x - from.x) / 6,
      to.y - (after.y - from.y) / 6,
      to.x,
      to.y,
    );
  }
  path.closePath();
  return path;
}
