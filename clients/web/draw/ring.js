import { css, mix } from "./palette.js";

/** @typedef {import("./palette.js").Colours & {night: boolean}} Palette */

const TOP = -Math.PI / 2;
const TURN = 2 * Math.PI;
const TAIL_STEPS = 180;

/**
 * The still parts of the well: water, ring, minute marks, the comet's tail of the time gone, and its head.
 * @param {CanvasRenderingContext2D} context with the origin in the centre of the well
 * @param {object} ring
 * @param {number} ring.radius px
 * @param {number} ring.share of the time that is over, 0–1
 * @param {number} ring.duration_s
 * @param {number} ring.presence 0–1; 0.4 in pause
 * @param {Palette} palette
 */
export function drawRing(context, { radius, share, duration_s, presence }, palette) {
  drawWater(context, radius, palette);
  context.lineWidth = 1.5;
  context.strokeStyle = css(palette.control, 0.55);
  circle(context, radius);
  context.stroke();
  drawMarks(context, radius, share, duration_s, palette);
  drawTail(context, radius, share, presence, palette);
}

/** @param {CanvasRenderingContext2D} context @param {number} radius @param {Palette} palette */
function drawWater(context, radius, palette) {
  const depth = context.createRadialGradient(0, 0, radius * 0.7, 0, 0, radius);
  depth.addColorStop(0, css(palette.well, 0.72));
  depth.addColorStop(0.75, css(palette.well, 0.6));
  depth.addColorStop(1, css(palette.well, 0.36));
  context.fillStyle = depth;
  circle(context, radius);
  context.fill();

  const water = radius * 0.7;
  context.fillStyle = css(palette.water);
  circle(context, water);
  context.fill();
  const bottom = water * 1.04;
  const glow = context.createRadialGradient(0, bottom, 0, 0, bottom, water * 1.24);
  const strength = palette.night ? 0.2 : 0.3;
  for (let step = 0; step <= 8; step += 1) {
    glow.addColorStop(step / 8, css(palette.goldFill, strength * (0.5 + 0.5 * Math.cos((Math.PI * step) / 8))));
  }
  context.fillStyle = glow;
  context.fill();
  context.strokeStyle = css(palette.purple, 0.3);
  context.lineWidth = 1;
  context.stroke();
}

/** One mark a minute up to an hour, then one for five. @param {CanvasRenderingContext2D} context @param {number} radius @param {number} share @param {number} duration_s @param {Palette} palette */
function drawMarks(context, radius, share, duration_s, palette) {
  const each_s = duration_s > 3600 ? 300 : 60;
  context.lineCap = "round";
  for (let i = 0; i * each_s < duration_s; i += 1) {
    const at = (i * each_s) / duration_s;
    const [from, to] = i % 5 === 0 ? [7, 17] : [8, 13];
    context.lineWidth = i % 5 === 0 ? 1.5 : 1;
    context.strokeStyle = at <= share ? css(palette.goldLine) : css(palette.text3, 0.8);
    const [x, y] = [Math.cos(TOP + at * TURN), Math.sin(TOP + at * TURN)];
    context.beginPath();
    context.moveTo(x * (radius + from), y * (radius + from));
    context.lineTo(x * (radius + to), y * (radius + to));
    context.stroke();
  }
}

/** Solid mixed colours in small steps, so that nothing overlaps. @param {CanvasRenderingContext2D} context @param {number} radius @param {number} share @param {number} presence @param {Palette} palette */
function drawTail(context, radius, share, presence, palette) {
  const end = Math.min(1, Math.max(0, share)) * TURN;
  const steps = Math.max(1, Math.ceil((end / TURN) * TAIL_STEPS));
  context.lineCap = "butt";
  context.lineWidth = Math.max(3, radius / 70);
  for (let i = 0; i < steps; i += 1) {
    const strength = (0.12 + 0.88 * ((i + 1) / steps)) * presence;
    context.strokeStyle = css(mix(palette.ground, palette.goldLine, strength));
    context.beginPath();
    context.arc(0, 0, radius, TOP + (end * i) / steps - 0.002, TOP + (end * (i + 1)) / steps);
    context.stroke();
  }
  const [x, y] = [radius * Math.cos(TOP + end), radius * Math.sin(TOP + end)];
  const halo = context.createRadialGradient(x, y, 0, x, y, radius * 0.1);
  halo.addColorStop(0, css(palette.goldFill, 0.3 * presence));
  halo.addColorStop(1, css(palette.goldFill, 0));
  context.fillStyle = halo;
  context.beginPath();
  context.arc(x, y, radius * 0.1, 0, TURN);
  context.fill();
  context.fillStyle = css(mix(palette.ground, palette.goldFill, 0.3 + 0.7 * presence));
  context.beginPath();
  context.arc(x, y, Math.max(6, radius / 34), 0, TURN);
  context.fill();
  if (palette.night) return;
  context.strokeStyle = css(palette.goldEdge);
  context.lineWidth = 1;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number} radius */
function circle(context, radius) {
  context.beginPath();
  context.arc(0, 0, radius, 0, TURN);
}
