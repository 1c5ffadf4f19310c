/** What this browser remembers between visits; a browser that keeps nothing loses nothing else. */

const PREFIX = "soundwell.";

/**
 * @template T
 * @param {string} name @param {T} fallback @returns {T}
 */
export function remembered(name, fallback) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A private window may refuse: the value then lasts as long as the page.
  }
}
