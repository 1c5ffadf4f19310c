import { css } from "./palette.js";

/**
 * @typedef {import("./palette.js").Colours & {night: boolean}} Palette
 * @typedef {{x: number, y: number, radius: number}} Glow
 * @typedef {Glow & {strength: number}} GoldGlow at most 0.07
 */

const TILE = 160;

/**
 * The two lights of a screen, purple behind the well and gold under the moon, with a grain that keeps them from banding.
 * @param {import("./surface.js").Surface} surface
 * @param {{purple: Glow | null, gold: GoldGlow | null}} glows
 * @param {Palette} palette
 */
export function drawGround(surface, { purple, gold }, palette) {
  const { context, width, height } = surface;
  surface.clear();
  if (purple) light(context, purple, palette.purple, palette.night ? 0.12 : 0.08);
  if (gold) light(context, gold, palette.goldFill, gold.strength);
  context.fillStyle = /** @type {CanvasPattern} */ (context.createPattern(grain(), "repeat"));
  context.fillRect(0, 0, width, height);
}

/** @param {CanvasRenderingContext2D} context @param {Glow} glow @param {import("./palette.js").Rgb} colour @param {number} alpha */
function light(context, { x, y, radius }, colour, alpha) {
  const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
  for (let step = 0; step <= 12; step += 1) {
    const share = step / 12;
    gradient.addColorStop(share, css(colour, alpha * (0.5 + 0.5 * Math.cos(Math.PI * share))));
  }
  context.fillStyle = gradient;
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

/** @type {HTMLCanvasElement | undefined} */
let tile;

/** Black and white specks of one part in 255: about 0.3 %. */
function grain() {
  if (tile) return tile;
  tile = document.createElement("canvas");
  tile.width = TILE;
  tile.height = TILE;
  const context = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  const image = context.createImageData(TILE, TILE);
  for (let i = 0; i < image.data.length; i += 4) {
    image.data.fill(Math.random() < 0.5 ? 0 : 255, i, i + 3);
    image.data[i + 3] = Math.random() < 0.4 ? 1 : 0;
  }
  context.putImageData(image, 0, 0);
  return tile;
}
