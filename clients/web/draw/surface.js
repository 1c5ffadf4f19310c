/** A canvas that is as sharp as the screen, measured in CSS pixels. */
export class Surface {
  width = 0;
  height = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** @param {number} width @param {number} height CSS px; the same size keeps the picture */
  resize(width, height) {
    const density = Math.min(devicePixelRatio || 1, 2);
    const pixels = [Math.round(width * density), Math.round(height * density)];
    this.width = width;
    this.height = height;
    if (this.canvas.width === pixels[0] && this.canvas.height === pixels[1]) return;
    [this.canvas.width, this.canvas.height] = pixels;
    this.context.setTransform(density, 0, 0, density, 0, 0);
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
  }

  /** Draws anew, with the origin in the middle. @param {(context: CanvasRenderingContext2D) => void} draw */
  paint(draw) {
    this.clear();
    this.context.save();
    this.context.translate(this.width / 2, this.height / 2);
    draw(this.context);
    this.context.restore();
  }
}
