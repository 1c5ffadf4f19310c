import { remember, remembered } from "./settings.js";

/** @typedef {import("./listening.js").Listening} Listening */

/** @type {Listening | null} */
let listening = null;
/** @type {WakeLockSentinel | null} */
let lock = null;
/** Whether it was asked for and has not been given back. */
let isHeld = false;

/** @returns {boolean} whether the person wants the screen to stay on */
export function isKeptAwake() {
  return remembered("awake", false);
}

/** @param {boolean} isOn */
export function keepAwake(isOn) {
  remember("awake", isOn);
  arrange();
}

/** The screen stays on while sound plays that wants eyes: never in sleep. @param {Listening} sounding */
export function followSound(sounding) {
  if (listening) return;
  listening = sounding;
  listening.addEventListener("change", arrange);
  document.addEventListener("visibilitychange", arrange);
  arrange();
}

async function arrange() {
  const isWanted =
    isKeptAwake() && !document.hidden && listening?.state.transport === "playing" && listening.preset?.mode !== "sleep";
  // a page that was hidden has lost its lock
  if (lock?.released) isHeld = false;
  if (isWanted === isHeld) return;
  isHeld = isWanted;
  const former = lock;
  // a battery that runs low may refuse; the sound does not depend on it
  lock = isWanted && "wakeLock" in navigator ? await navigator.wakeLock.request("screen").catch(() => null) : null;
  former?.release();
  if (!isHeld) lock?.release();
}
