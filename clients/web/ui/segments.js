/**
 * Moves the raised pill under the chosen segment.
 * @param {HTMLElement} group @param {HTMLElement | null | undefined} chosen
 */
export function raise(group, chosen) {
  group.toggleAttribute("data-raised", Boolean(chosen));
  group.style.setProperty("--segment-left", `${chosen?.offsetLeft ?? 0}px`);
  group.style.setProperty("--segment-width", `${chosen?.offsetWidth ?? 0}px`);
}

/** Keeps the pill in its place when the group changes its size. @param {HTMLElement} group @param {() => void} place @param {AbortSignal} signal */
export function keepRaised(group, place, signal) {
  const observer = new ResizeObserver(place);
  observer.observe(group);
  signal.addEventListener("abort", () => observer.disconnect());
}
