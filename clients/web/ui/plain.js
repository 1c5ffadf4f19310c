import { remember, remembered } from "./settings.js";

const ROOT = document.documentElement;

/** @returns {boolean} whether words and numbers stand in the place of drawings */
export function isPlain() {
  return ROOT.hasAttribute("data-plain");
}

/** @param {boolean} isOn */
export function setPlain(isOn) {
  remember("plain", isOn);
  ROOT.toggleAttribute("data-plain", isOn);
}

/** As it was left the last time. */
export function restorePlain() {
  ROOT.toggleAttribute("data-plain", remembered("plain", false));
}
