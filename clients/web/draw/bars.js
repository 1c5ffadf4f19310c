import { css } from "./palette.js";

const COUNT = 28;

/**
 * The spectrum once more, small, beside the name in the transport.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} levels 0–1
 * @param {{width: number, height: number}} size px
 * @param {import("./palette.js").Colours} colours
 */
export function drawBars(context, levels, { width, height }, colours) {
  context.clearRect(0, 0, width, height);
  context.fillStyle = css(colours.purple);
  const step = width / COUNT;
  for (let i = 0; i < COUNT; i += 1) {
    const level = levels[Math.floor((i * levels.length) / COUNT)];
    const tall = 1.5 + level * (height - 1.5);
    context.fillRect(i * step, height - tall, 2, tall);
  }
}
