/** The sentences of what the first screen does not show. */

import { NBSP, minus, plural } from "./en.js";

export const later = {
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
  reload: "Load the page again",
  elsewhere: (/** @type {string} */ device) => `Playing on “${device}”.`,
  limit: (/** @type {string} */ clock) => `Your free minutes are used. They come back at ${clock}.`,

  modes: "Mode",
  presets: "More sounds",
  why: { label: "Why this sound", more: "What studies say about this sound", short: "Why this?" },
  layers: "Texture",
  sheet: "Sound",

  intensity: {
    low: "Low",
    high: "High",
    off: "Off",
    level: (/** @type {number} */ value) => (value < 1 ? "Off" : value < 33 ? "Low" : value <= 60 ? "Mid" : "High"),
    spoken: (/** @type {number} */ value) => `${later.intensity.level(value)}, ${Math.round(value)} per cent`,
  },

  method: {
    label: "Method",
    am: "Music AM",
    isochronic: "Isochronic",
    binaural: "Binaural",
    hint: "Needs headphones",
  },

  readings: { rate: "Rate", depth: "Depth", level: "Level", hz: "Hz" },

  advanced: {
    label: "Advanced",
    rate: "Rate",
    color: "Noise colour",
    colors: { white: "White", pink: "Pink", brown: "Brown", blue: "Blue", violet: "Violet", grey: "Grey" },
    bands: "Noise bands",
    band: (/** @type {string} */ centre) => `${centre}${NBSP}Hz`,
    noiseOff: "Noise is at 0. Raise it under Texture to hear these.",
    gain: "Loudness offset",
  },

  facts: {
    region: "Timer",
    ends: (/** @type {string} */ clock) => `ends${NBSP}${clock}`,
    paused: "paused",
    fade: "Fade",
    more: "5 min more",
  },

  foot: {
    level: (/** @type {number} */ db) => (Number.isFinite(db) ? `${minus(db.toFixed(1))}${NBSP}dBFS` : "silent"),
    levelHelp: "Level of what you hear over the last three seconds, left and right together",
    ahead: (/** @type {number} */ seconds) => `${plural(seconds, "s", "s")} ahead`,
    dropouts: (/** @type {number} */ count) => plural(count, "dropout", "dropouts"),
  },

  timer: {
    title: "How long?",
    lead: "It ends by itself, on the second, even when the connection is gone.",
    length: "Length",
    choices: [10, 15, 20, 25, 45, 60, 90],
    minutes: "Minutes",
    until: "Or until",
    fade: "Fade out",
    fades: [10, 30, 60, 120],
    set: "Set timer",
    close: "Not now",
    end: "End now",
    wrongMinutes: "Choose 1 to 600 minutes.",
    summary: (/** @type {number} */ minutes, /** @type {string} */ clock) => `${minutes}${NBSP}min, ends at ${clock}`,
  },

  away: {
    offline: "You are offline.",
    hint: "The sounds come back with the connection. Soft noise can be made on this device meanwhile.",
    play: "Play soft noise",
    stop: "Stop the noise",
  },

  evidence: {
    title: "What studies say",
    for: "For",
    against: "Against",
    note: "Some studies found a small effect, some none. It may do nothing for you.",
  },

  ended: {
    rings: "Each ring is a minute. Wider rings are where the sound worked harder.",
    takenVoice: "Here it waits where it was.",
    failedVoice: "That was our side, not yours. One press begins it again.",
    limitVoice: (/** @type {string} */ clock) => `They come back at ${clock}. Your sound waits where it was.`,
    of: (/** @type {string} */ heard, /** @type {string} */ planned) => `${heard} of ${planned}`,
    again: (/** @type {number} */ minutes) => `Another ${minutes}`,
    back: (/** @type {string} */ title) => `Back to ${title}`,
    rest: (/** @type {number} */ minutes) => `Break ${minutes} with Rain`,
    here: "Play here",
    restart: "Begin again",
    offer: "What Pro changes",
    other: "Something else",
    skip: "Skip",
    intensity: "Mean intensity",
    dropouts: "Dropouts",
    count: (/** @type {number} */ minutes) => `${plural(minutes, "ring", "rings")}, one a minute`,
    events: "What you changed",
    event: (/** @type {string} */ name, /** @type {number} */ value) => `${name}${NBSP}${value}`,
  },

  commands: {
    title: "What to do?",
    label: "Type a part of its name",
    count: (/** @type {number} */ count) => (count === 0 ? "Nothing has that name." : plural(count, "command", "commands")),
    mute: "Mute",
    unmute: "Sound on",
    timer: "Set the timer",
    plain: "Words instead of drawings",
    drawings: "Drawings again",
    shortcuts: "Keys",
    longer: "5 minutes more",
    stronger: "More intensity",
    gentler: "Less intensity",
    end: "End now",
  },

  keys: {
    title: "Keys",
    all: "Keys and display",
    space: "Space",
    /** @type {[string, string[][]][]} */
    screens: [
      [
        "Anywhere",
        [
          ["Space", "Play or pause"],
          ["1 to 4", "Focus, Relax, Sleep, Meditate"],
          ["↑ ↓", "Volume"],
          ["M", "Mute"],
          ["Shift T", "Timer"],
          ["P", "Pomodoro"],
          ["L", "Library"],
          ["Ctrl K", "Everything by name"],
          ["?", "This list"],
        ],
      ],
      [
        "While it plays",
        [
          ["← →", "Intensity"],
          ["T", "5 minutes more"],
          ["F", "Favourite"],
          ["S", "Save this sound"],
        ],
      ],
    ],
    letters: "Single letters and digits are keys",
    plain: "Words and numbers instead of drawings",
    awake: "Keep the screen on while it plays, but not in Sleep",
  },

  library: {
    title: "Library",
    search: "Search",
    mode: "Mode",
    all: "All",
    favourites: "Favourites",
    /** @type {Record<string, string>} */
    modes: { focus: "Focus", deep_work: "Deep work", relax: "Relax", meditate: "Meditate", sleep: "Sleep", energize: "Energize" },
    nothing: "Nothing has that name.",
    noFavourites: "No favourites yet. Press F while something plays.",
    stale: "These are the ones that this browser remembers.",
    favourite: (/** @type {string} */ title) => `Favourite: ${title}`,
    keep: "Save as preset",
    saveTitle: "Save this sound",
    name: "Name",
    save: "Save",
    tools: (/** @type {string} */ title) => ({
      up: `Move ${title} up`,
      down: `Move ${title} down`,
      rename: `Rename ${title}`,
      share: `Copy a link to ${title}`,
      remove: `Delete ${title}`,
    }),
    renamed: "Renamed.",
    removed: (/** @type {string} */ title) => `${title} is deleted.`,
    link: "Copy this link. It holds the whole sound.",
    copied: "The link is copied. It holds the whole sound.",
    failed: "That did not work. Nothing was changed.",
  },

  resume: {
    title: (/** @type {string} */ title, /** @type {string} */ when, /** @type {string} */ left) => `Continue ${title}, ${when}, ${left} left`,
    on: (/** @type {string} */ device) => `on ${device}`,
    today: "today",
    yesterday: "yesterday",
  },

  shared: {
    lead: (/** @type {number} */ minutes) => `A sound that somebody shared, ${minutes}${NBSP}min. Nothing plays until you press.`,
    broken: "This link holds no sound",
    brokenLead: "A part of it may be missing. Ask for it once more.",
  },

  stats: {
    title: "This week",
    link: "Stats",
    loading: "Adding up",
    failed: "The figures could not be fetched. They are safe.",
    table: "As a table",
    week: "Day by day",
    modes: "By mode, all time",
    day: "Day",
    sessions: "Sessions",
    heard: "Heard",
    rating: "Rating",
    dose: "Sound dose of seven days",
    share: (/** @type {number} */ share) => `${Math.round(share * 100)}${NBSP}% of what is held to be safe in a week.`,
    short: (/** @type {number} */ heard_s) => (heard_s < 30 ? "–" : `${Math.round(heard_s / 60)}`),
    long: (/** @type {number} */ heard_s) => `${Math.round(heard_s / 60)}${NBSP}min`,
  },

  pomodoro: {
    title: "Pomodoro",
    lead: "Work and breaks in turn. Each part fades out, and the next one comes by itself.",
    work_min: "Work, min",
    rest_min: "Break, min",
    rounds: "Rounds",
    sound: "In the breaks",
    sounds: { rain: "Rain", same: "The same sound", silence: "Silence" },
    begin: "Begin",
    stop: "Stop the cycle",
    wrong: (/** @type {string} */ least, /** @type {string} */ most) => `Choose ${least} to ${most}.`,
    work: (/** @type {number} */ round, /** @type {number} */ rounds) => `Round ${round} of ${rounds}`,
    rest: (/** @type {number} */ round, /** @type {number} */ rounds) => `Break after round ${round} of ${rounds}`,
  },

  plain: {
    played: (/** @type {string} */ played, /** @type {string} */ whole) => `${played} of ${whole} played.`,
    /** Where the drawn shore reaches furthest, which leans towards the highs as ears do: low, middle, high. */
    places: ["A dark sound", "An even sound", "A bright sound"],
    sound: (/** @type {string} */ place, /** @type {string} */ level) => `${place}, ${level}.`,
    silent: "Silent.",
  },

  rating: {
    /** By mode: the question, and the two ends of the scale. @type {Record<string, [string, string, string]>} */
    questions: {
      relax: ["How calm are you now?", "Tense", "At ease"],
      meditate: ["How was your sitting?", "Restless", "Still"],
      sleep: ["How did you sleep?", "Badly", "Deeply"],
      energize: ["How awake are you now?", "Sluggish", "Wide awake"],
    },
    /** @type {[string, string, string]} */
    usual: ["How was your focus?", "Scattered", "Fully there"],
    note: "A note for yourself, if you like",
    saved: "Saved.",
    kept: "Kept in this browser until the connection is back.",
    refused: "This could not be saved.",
  },
};
