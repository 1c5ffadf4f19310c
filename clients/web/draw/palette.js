/**
 * The tokens of the theme as numbers, for canvases.
 *
 * @typedef {[number, number, number]} Rgb 0–255
 * @typedef {Record<"groundTop" | "ground" | "well" | "water" | "control" | "text3" | "purple" | "goldFill" | "goldLine" | "goldEdge", Rgb>} Colours
 */

const NAMES = {
  groundTop: "--ground-top",
  ground: "--ground",
  well: "--well",
  water: "--water",
  control: "--control",
  text3: "--text-3",
  purple: "--purple",
  goldFill: "--gold-fill",
  goldLine: "--gold-line",
  goldEdge: "--gold",
};

/**
 * Reads the colours through a probe, because a custom property keeps `light-dark()` and system colours unresolved.
 * @param {HTMLElement} host any connected element
 * @returns {Colours & {night: boolean}}
 */
export function readPalette(host) {
  const probe = document.createElement("span");
  host.append(probe);
  const style = getComputedStyle(probe);
  const colours = Object.fromEntries(
    Object.entries(NAMES).map(([name, token]) => {
      probe.style.setProperty("color", `var(${token})`);
      return [
        name,
        style.color
          .match(/[\d.]+/g)
          ?.slice(0, 3)
          .map(Number),
      ];
    }),
  );
  probe.remove();
  const palette = /** @type {Colours} */ (/** @type {unknown} */ (colours));
  const [r, g, b] = palette.ground;
  return { ...palette, night: r + g + b < 384 };
}

/** @param {Rgb} colour @param {number} [alpha] */
export function css([r, g, b], alpha = 1) {
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}

/** @param {Rgb} from @param {Rgb} to @param {number} share 0: from, 1: to @returns {Rgb} */
export function mix(from, to, share) {
  /** @param {0 | 1 | 2} i */
  const part = (i) => Math.round(from[i] + (to[i] - from[i]) * share);
  return [part(0), part(1), part(2)];
}

/** Calls back when night becomes dusk, or contrast or colours are forced. @param {() => void} change @param {AbortSignal} signal */
export function onThemeChange(change, signal) {
  for (const query of ["(prefers-color-scheme: light)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", change, { signal });
  }
}
