/** Every sentence of the page. Warm, plain, short; no claim; the true minus and a space before each unit. */

export const NBSP = "\u00a0";

/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${count}${NBSP}${count === 1 ? one : many}`;

export const words = {
  brand: "Soundwell",
  library: "Library",
  signIn: "Sign in",
  favourite: (/** @type {string} */ title) => `Favourite: ${title}`,
  skip: "Skip to the sound",
  percent: (/** @type {number} */ value) => `${Math.round(value)}${NBSP}%`,
  minutes: (/** @type {number} */ count) => `${count}${NBSP}min`,
  seconds: (/** @type {number} */ count) => `${count}${NBSP}s`,

  idle: {
    title: "What do you need from sound?",
    lead: "Press one. It starts at once and fades in over two seconds. No account needed.",
    leadShort: "Press one. It starts at once, no account needed.",
    leadTiny: "Press one. No account needed.",
    begin: "Or begin with",
    key: (/** @type {string} */ key) => `key${NBSP}${key}`,
    loading: "Getting the sounds ready",
    failed: "Soundwell cannot be reached now.",
  },
  /** Shorter lines for narrow and for very narrow screens, by preset. @type {Record<string, string[]>} */
  shortLines: {
    focus: ["To stay with one thing"],
    relax: ["To let the day go"],
    sleep: ["Dark, and it ends by itself", "It ends by itself"],
  },

  connection: {
    connecting: "Connecting",
    connected: "Connected",
    buffering: (/** @type {number} */ seconds) => `Buffering ${seconds.toFixed(1)}${NBSP}s`,
    reconnecting: (/** @type {number} */ attempt) => `Reconnecting (${attempt})`,
    offline: "Offline",
    blocked: "Waiting for you",
    "taken-over": "Playing elsewhere",
    unsupported: "No sound here",
  },
  free: (/** @type {number} */ minutes) => `${minutes}${NBSP}min free today`,
  allowance: (/** @type {number} */ minutes) => `${minutes} free ${minutes === 1 ? "minute" : "minutes"} left today`,

  safety: {
    lead: "Before you listen.",
    text: "Keep the volume low. Not while driving, and not if you have a seizure disorder.",
    short: "Low volume. Not while driving, nor with a seizure disorder.",
    done: "Got it",
  },

  transport: {
    region: "Player",
    nothing: "Nothing is playing",
    space: (/** @type {string} */ title) => `Press Space to start ${title}`,
    choose: "Choose one above",
    starting: "Starting",
    left: (/** @type {string} */ time) => `${time} left`,
    paused: (/** @type {string} */ time) => `Paused, ${time} left`,
    ended: (/** @type {string} */ clock) => `Ended at ${clock}`,
    play: (/** @type {string} */ title) => `Play ${title}`,
    pause: (/** @type {string} */ title) => `Pause ${title}`,
    volume: "Volume",
    mute: "Mute",
    timer: "Timer",
  },

  intensity: "Intensity",

  ended: {
    whole: "That was your time.",
    stopped: "You ended it here.",
    limit: "Your free minutes are used.",
    taken: "It plays on another device now.",
    failed: "The sound stopped.",
  },

  takenBy: (/** @type {string} */ device) => `It plays on “${device}” now.`,

  rest: { title: "Break" },

  announce: {
    started: (/** @type {string} */ title, /** @type {number} */ minutes) => `${title} plays, ${minutes} minutes.`,
    half: (/** @type {string} */ left) => `Half of the time is over, ${left} left.`,
    left: (/** @type {number} */ minutes) => `${minutes === 1 ? "One minute" : `${minutes} minutes`} left.`,
    paused: "Paused.",
    resumed: "Playing.",
    favourite: "Among the favourites.",
    unfavourite: "No favourite any more.",
    muted: "Muted.",
    unmuted: "Sound on.",
    volume: (/** @type {number} */ value) => `Volume ${Math.round(value * 100)} per cent.`,
    longer: (/** @type {string} */ clock) => `Five minutes more, ends at ${clock}.`,
  },

  retry: "Try again",
  dismiss: "Close",
};

/** @param {string} number with an ASCII minus */
export function minus(number) {
  return number.replace("-", "−");
}
