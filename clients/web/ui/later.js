/**
 * What the first page does not show is fetched when a hand comes near, and all of it by the time that sound plays:
 * from then on nothing needs the connection.
 *
 * @typedef {import("./listening.js").Listening} Listening
 */

export const fetchSession = () => import("./session.js");
export const fetchEnding = () => import("./ending.js");
const fetchTimer = () => import("./timer-dialog.js");

/** @param {Listening} listening */
export async function openTimer(listening) {
  const { openTimer: open } = await fetchTimer();
  open(listening);
}

/** A finger or the focus on a well is sign enough. @param {AbortSignal} signal */
export function fetchWhenNear(signal) {
  const near = (/** @type {Event} */ { target }) => {
    if (target instanceof Element && target.closest("button")) fetchSession();
  };
  for (const type of ["pointerover", "focusin"]) addEventListener(type, near, { signal, passive: true });
}

/** Once sound plays. */
export function fetchRest() {
  fetchEnding();
  fetchTimer();
}
