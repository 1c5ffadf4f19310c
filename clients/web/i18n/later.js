/** The sentences of what the first screen does not show. */

import { NBSP, plural } from "./en.js";

export const later = {
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
    other: "Something else",
    skip: "Skip",
    intensity: "Mean intensity",
    dropouts: "Dropouts",
    count: (/** @type {number} */ minutes) => `${plural(minutes, "ring", "rings")}, one a minute`,
    events: "What you changed",
    event: (/** @type {string} */ name, /** @type {number} */ value) => `${name}${NBSP}${value}`,
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
