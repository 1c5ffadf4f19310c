/** Every sentence of the page. Warm, plain, short; no claim; the true minus and a space before each unit. */

export const NBSP = "\u00a0";

/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${count}${NBSP}${count === 1 ? one : many}`;

export const words = {
  brand: "Soundwell",
  library: "Library",
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
  allowance: (/** @type {number} */ minutes) => `${minutes} free ${minutes === 1 ? "minute" : "minutes"} left today`,

  banner: {
    reconnecting: (/** @type {number} */ attempt) => `Reconnecting, try ${attempt}.`,
    left: (/** @type {number} */ seconds) => `${plural(seconds, "s", "s")} of sound left.`,
    quiet: "The sound waits where it was.",
    offline: ["Offline.", "The sound goes on by itself when the connection is back."],
    "taken-over": ["Playing on another device.", "Here it waits where it was."],
    blocked: ["Your browser holds the sound back.", "Press play once more."],
    unsupported: [
      "This address cannot play.",
      "Sound needs https: serve with --tls, or open localhost on the server's own machine.",
    ],
    here: "Play here",
  },

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

  modes: "Mode",
  presets: "More sounds",
  why: { label: "Why this sound", more: "What studies say about this sound", short: "Why this?" },
  intensity: {
    label: "Intensity",
    low: "Low",
    high: "High",
    off: "Off",
    level: (/** @type {number} */ value) => (value < 1 ? "Off" : value < 33 ? "Low" : value <= 60 ? "Mid" : "High"),
    spoken: (/** @type {number} */ value) => `${words.intensity.level(value)}, ${Math.round(value)} per cent`,
  },
  layers: "Texture",
  sheet: "Sound",

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

  /** By code of `player.state.error`. @type {Record<string, string>} */
  errors: {
    overloaded: "The sound engine is busy. Try again in a moment.",
    rate_limited: "A little too fast. Ready again in a moment.",
    playing_elsewhere: "This plays on another device already.",
    limit_reached: "Your free minutes are used for today.",
    upgrade_required: "This is not part of your plan.",
    unauthenticated: "This page is too old. Reload it to go on.",
    resume_expired: "That session is over. Press play to begin again.",
    page: "Something on this page went wrong. What plays goes on.",
  },
  elsewhere: (/** @type {string} */ device) => `Playing on “${device}”.`,
  limit: (/** @type {string} */ clock) => `Your free minutes are used. They come back at ${clock}.`,
  retry: "Try again",
  reload: "Load the page again",
  dismiss: "Close",
};

/** @param {string} number with an ASCII minus */
export function minus(number) {
  return number.replace("-", "−");
}
