import { words } from "../i18n/en.js";
import { EXTENSION_S } from "./listening.js";
import { remembered } from "./settings.js";
import { fetchAnnouncer, fetchShelf, openCommands, openPomodoro, openShortcuts, openTimer } from "./later.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 */

/** Elements that want these keys for themselves. */
const OWN_SPACE = "button, a, input, summary, select, textarea";
const OWN_ARROWS = "input, select, textarea";
const TEXT = 'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select';

/**
 * The keys of the Listen screen. @param {Listening} listening @param {AbortSignal} signal
 */
export function listenToKeys(listening, signal) {
  const keys = new Keys(listening);
  addEventListener("keydown", (event) => keys.press(event), { signal });
}

/** @param {KeyboardEvent} event */
const isCommandKey = ({ key, ctrlKey, metaKey }) => (ctrlKey || metaKey) && key.toLowerCase() === "k";

class Keys {
  /** @param {Listening} listening */
  constructor(listening) {
    this.listening = listening;
  }

  /** Aloud, for those who do not see it. @param {string} sentence */
  async #say(sentence) {
    (await fetchAnnouncer(this.listening)).say(sentence);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    if (isCommandKey(event) && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      openCommands(this.listening);
      return;
    }
    if (
      event.defaultPrevented ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      document.querySelector("dialog[open]")
    )
      return;
    if (target.matches(TEXT)) return;
    const done = this.#transportKey(event, target) || (remembered("letters", true) && this.#letter(event));
    if (done) event.preventDefault();
  }

  /** @param {KeyboardEvent} event @param {Element} target @returns {boolean} whether the key was ours */
  #transportKey({ key }, target) {
    if (key === " " && !target.matches(OWN_SPACE)) this.listening.toggle();
    else if (key.startsWith("Arrow") && !target.matches(OWN_ARROWS)) return this.#arrow(key);
    else return false;
    return true;
  }

  /** @param {string} key */
  #arrow(key) {
    const playing = this.listening.view === "playing";
    if (key === "ArrowLeft" && playing) this.listening.nudgeIntensity(-1);
    else if (key === "ArrowRight" && playing) this.listening.nudgeIntensity(1);
    else if (key === "ArrowUp") this.#volume(1);
    else if (key === "ArrowDown") this.#volume(-1);
    else return false;
    return true;
  }

  /** @param {1 | -1} direction */
  #volume(direction) {
    this.listening.nudgeVolume(direction);
    this.#say(words.announce.volume(this.listening.player.volume));
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  #letter({ key }) {
    if (key === "m" || key === "M") this.#mute();
    else if (key === "?") openShortcuts();
    else if (key === "f" || key === "F") this.#favourite();
    else if (key === "l" || key === "L") fetchShelf().then(({ openLibrary }) => openLibrary(this.listening));
    else if (key === "s" || key === "S") fetchShelf().then(({ openSave }) => openSave(this.listening));
    else if (key === "p" || key === "P") openPomodoro(this.listening);
    else if (key === "T") openTimer(this.listening);
    else if (key === "t") this.#extend();
    else if (/^[1-4]$/.test(key)) return this.#mode(Number(key));
    else return false;
    return true;
  }

  async #favourite() {
    const isOn = await (await fetchShelf()).toggleFavourite(this.listening);
    if (isOn !== null) this.#say(isOn ? words.announce.favourite : words.announce.unfavourite);
  }

  #mute() {
    this.listening.toggleMute();
    this.#say(this.listening.player.muted ? words.announce.muted : words.announce.unmuted);
  }

  async #extend() {
    if (this.listening.view !== "playing") return;
    this.listening.extend(EXTENSION_S);
    (await fetchAnnouncer(this.listening)).sayLonger();
  }

  /** @param {number} number @returns {boolean} */
  #mode(number) {
    const preset = this.listening.presets.filter(({ segment }) => segment)[number - 1];
    if (preset) this.listening.begin(preset);
    return preset !== undefined;
  }
}
