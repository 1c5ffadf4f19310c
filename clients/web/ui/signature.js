/** The ring signature of each mode: radii around a disc of radius 46, in the units of the drawing. */

/** @type {Record<string, {first: number, steps: number[]}>} */
const SIGNATURES = {
  focus: { first: 55, steps: Array(8).fill(8.6) },
  relax: { first: 58.2, steps: Array(4).fill(16.5) },
  sleep: { first: 66, steps: Array(2).fill(27) },
  meditate: { first: 58, steps: [15, 21, 29] },
};

/** The same on a phone, where a well has half the room. @type {typeof SIGNATURES} */
const NARROW = {
  focus: { first: 54, steps: Array(5).fill(6) },
  relax: { first: 57, steps: [13.3, 13.3] },
  sleep: { first: 62.5, steps: [21] },
  meditate: { first: 56, steps: [11, 16] },
};

const GOLD_RINGS = 6;

/**
 * @param {string} mode @param {boolean} gold the suggested one: its rings turn from gold to purple within six
 * @returns {SVGSVGElement}
 */
export function signature(mode, gold) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "-126 -126 252 252");
  svg.setAttribute("class", "signature");
  svg.setAttribute("aria-hidden", "true");
  svg.append(
    group("wide", SIGNATURES[mode] ?? SIGNATURES.focus, gold),
    group("narrow", NARROW[mode] ?? NARROW.focus, gold),
  );
  return svg;
}

/** @param {string} name @param {{first: number, steps: number[]}} shape @param {boolean} gold */
function group(name, { first, steps }, gold) {
  const rings = document.createElementNS("http://www.w3.org/2000/svg", "g");
  rings.setAttribute("class", name);
  let radius = first;
  [0, ...steps].forEach((step, i) => {
    radius += step;
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    circle.setAttribute("r", radius.toFixed(1));
    circle.setAttribute("stroke-opacity", (0.32 + 0.5 * (1 - i / steps.length) ** 1.4).toFixed(2));
    circle.style.setProperty("--turn", gold ? `${Math.min(100, (i / GOLD_RINGS) * 100).toFixed(0)}%` : "100%");
    rings.append(circle);
  });
  return rings;
}
