/** @returns {boolean} whether the page is dark, so that nothing need be drawn */
export function isAsleep() {
  return document.documentElement.hasAttribute("data-asleep");
}
