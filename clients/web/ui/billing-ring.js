import { plan } from "../i18n/plan-page.js";

const DAY_S = 86_400;
const SIZE = 84;

/**
 * One tick for each day of what is paid, gold for those gone; only the drop where nothing is counted.
 * @param {number | null} from unix seconds @param {number | null} to
 */
export function billingRing(from, to) {
  const days = from === null || to === null ? 0 : Math.max(1, Math.round((to - from) / DAY_S));
  const gone = from === null ? 0 : Math.min(days, Math.max(0, Math.ceil((Date.now() / 1000 - from) / DAY_S)));
  const ticks = Array.from({ length: days }, (_, day) => {
    const turn = ((day + 0.5) / days) * 360;
    return `<path d="M0-37v7" transform="rotate(${turn.toFixed(2)})" class="${day < gone ? "gone" : "ahead"}"/>`;
  });
  const template = document.createElement("template");
  template.innerHTML = `<svg class="billing-ring" viewBox="-42 -42 84 84" width="${SIZE}" height="${SIZE}" role="img">
    ${ticks.join("")}<circle r="24"/><circle r="16"/><circle r="5" class="drop"/></svg>`;
  const ring = /** @type {SVGElement} */ (template.content.firstElementChild);
  if (days > 0) ring.setAttribute("aria-label", plan.days(gone, days));
  else ring.setAttribute("aria-hidden", "true");
  return ring;
}
