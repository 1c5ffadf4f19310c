/** The icons of the house: 24 × 24, stroke 1.5, always beside a word or a label. */

/** @type {Record<string, string>} */
const PATHS = {
  play: '<path d="M8 5.6v12.8c0 .8.9 1.3 1.6.8l9.4-6.4c.6-.4.6-1.2 0-1.6L9.6 4.8C8.9 4.3 8 4.8 8 5.6Z" fill="currentColor" stroke="none"/>',
  pause:
    '<rect x="7" y="5" width="3.4" height="14" rx="1.4" fill="currentColor" stroke="none"/><rect x="13.6" y="5" width="3.4" height="14" rx="1.4" fill="currentColor" stroke="none"/>',
  timer: '<circle cx="12" cy="13" r="7.5"/><path d="M12 9v4l2.5 1.8M9.5 2.8h5"/>',
  headphones:
    '<path d="M4.5 15.5V12a7.5 7.5 0 0 1 15 0v3.5"/><rect x="4" y="14" width="4" height="6" rx="1.8"/><rect x="16" y="14" width="4" height="6" rx="1.8"/>',
  speaker: '<path d="M4.5 9.8v4.4h3l4.5 3.6V6.2L7.5 9.8h-3ZM15.5 9.5a3.6 3.6 0 0 1 0 5M18 7a7 7 0 0 1 0 10"/>',
  muted: '<path d="M4.5 9.8v4.4h3l4.5 3.6V6.2L7.5 9.8h-3ZM15.5 9.5l5 5M20.5 9.5l-5 5"/>',
  heart:
    '<path d="M12 19.5S4.5 15.2 4.5 9.7A3.9 3.9 0 0 1 12 8a3.9 3.9 0 0 1 7.5 1.7c0 5.5-7.5 9.8-7.5 9.8Z"/>',
  "heart-on":
    '<path d="M12 19.5S4.5 15.2 4.5 9.7A3.9 3.9 0 0 1 12 8a3.9 3.9 0 0 1 7.5 1.7c0 5.5-7.5 9.8-7.5 9.8Z" fill="currentColor"/>',
  rain: '<path d="M7.5 14.5a3.8 3.8 0 0 1 .3-7.6 4.9 4.9 0 0 1 9.3 1.3 3.2 3.2 0 0 1-.4 6.3M9 17.5l-.8 2M12.4 16l-1.4 4M16 17.5l-.8 2"/>',
  wave: '<path d="M2.5 12c1.6 0 1.6-4 3.2-4s1.6 8 3.2 8 1.6-10 3.2-10 1.6 12 3.2 12 1.5-6 3-6h3.2"/>',
  wind: '<path d="M3.5 9h10.2a2.6 2.6 0 1 0-2.4-3.6M3.5 13h14.3a2.6 2.6 0 1 1-2.4 3.6M3.5 17h7"/>',
  stream:
    '<path d="M3 7c2.2-1.6 4-1.6 6 0s3.8 1.6 6 0 4-1.6 6 0M3 12c2.2-1.6 4-1.6 6 0s3.8 1.6 6 0 4-1.6 6 0M3 17c2.2-1.6 4-1.6 6 0s3.8 1.6 6 0 4-1.6 6 0"/>',
  moon: '<path d="M19.5 14.6A8 8 0 0 1 9.4 4.5a8 8 0 1 0 10.1 10.1Z"/>',
  sun: '<circle cx="12" cy="12" r="3.8"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>',
  sliders:
    '<path d="M6 4v6M6 14v6M12 4v2M12 10v10M18 4v9M18 17v3"/><circle cx="6" cy="12" r="2"/><circle cx="12" cy="8" r="2"/><circle cx="18" cy="15" r="2"/>',
  disc: '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="2.2"/><path d="M6.8 12A5.2 5.2 0 0 1 12 6.8"/>',
  user: '<circle cx="12" cy="8.5" r="3.8"/><path d="M4.8 19.5c.8-3.6 3.6-5.5 7.2-5.5s6.4 1.9 7.2 5.5"/>',
  check: '<path d="M5 12.6l4.6 4.6L19 7.5"/>',
  well: '<path d="M3.5 12a8.5 8.5 0 0 1 17 0M6.7 12a5.3 5.3 0 0 1 10.6 0M3.5 16.5h17M8 20h8"/><circle cx="12" cy="12" r="1.5" fill="currentColor" stroke="none"/>',
  plus: '<path d="M12 5.5v13M5.5 12h13"/>',
  close: '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
  info: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 7.8v.1"/>',
  warning: '<path d="M12 4.5 20.5 19h-17L12 4.5ZM12 10v4M12 16.5v.1"/>',
  down: '<path d="M6 9.5l6 6 6-6"/>',
  leaf: '<path d="M5 19c0-9 5-14 14-14 0 9-4 13-10 13-2 0-3.5-.5-4-1M5 19c2-5 5-8 9-10"/>',
  cloud: '<path d="M7.5 17.5a3.8 3.8 0 0 1 .3-7.6 4.9 4.9 0 0 1 9.3 1.3 3.2 3.2 0 0 1-.4 6.3Z"/>',
};

/** Those of screens that are fetched later. @param {Record<string, string>} paths */
export const addIcons = (paths) => Object.assign(PATHS, paths);

/** The sign beside the name: a drop of gold and two rings. */
const BRAND =
  '<circle cx="12" cy="12" r="3.7" class="drop"/><circle cx="12" cy="12" r="7.4" class="near"/><circle cx="12" cy="12" r="11.4" class="far"/>';

/**
 * @param {string} name an unknown name draws the well
 * @param {number} size in CSS px
 * @returns {SVGSVGElement}
 */
export function icon(name, size) {
  return drawing(PATHS[name] ?? PATHS.well, "icon", name, size);
}

/** @param {number} size in CSS px */
export function brand(size) {
  return drawing(BRAND, "brand-sign", "brand", size);
}

/** @param {string} paths @param {string} className @param {string} name @param {number} size */
function drawing(paths, className, name, size) {
  const template = document.createElement("template");
  template.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true">${paths}</svg>`;
  const svg = /** @type {SVGSVGElement} */ (template.content.firstElementChild);
  svg.setAttribute("class", className);
  svg.dataset.icon = name;
  return svg;
}

/**
 * Replaces the icon inside a control when it is another one.
 * @param {Element} holder @param {string} name @param {number} size
 */
export function setIcon(holder, name, size) {
  const old = holder.querySelector("svg");
  if (old?.dataset.icon !== name) old ? old.replaceWith(icon(name, size)) : holder.prepend(icon(name, size));
}
