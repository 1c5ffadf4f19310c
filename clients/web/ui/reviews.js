import { RestError, send } from "../net/rest.js";
import { remember, remembered } from "./settings.js";

/**
 * @typedef {{rating?: number, note?: string}} Review
 * @typedef {"saved" | "kept" | "refused"} Outcome
 */

/** A session that has just ended may still be being written down. */
const SETTLE_MS = 700;
const TRIES = 6;

/**
 * What the person says of a session. It is kept in this browser until the server has it.
 * @param {string} session @param {Review} review @returns {Promise<Outcome>}
 */
export async function review(session, review) {
  const waiting = { ...waitingReviews()[session], ...review };
  remember("reviews", { ...waitingReviews(), [session]: waiting });
  return deliver(session, TRIES);
}

/** Delivers what earlier visits could not. */
export async function deliverReviews() {
  for (const session of Object.keys(waitingReviews())) await deliver(session, 1);
}

/** @returns {Record<string, Review>} by session */
const waitingReviews = () => remembered("reviews", {});

/** @param {string} session @param {number} tries @returns {Promise<Outcome>} */
async function deliver(session, tries) {
  const said = waitingReviews()[session];
  try {
    await send("PATCH", `/api/listening/sessions/${session}`, said);
  } catch (error) {
    if (!(error instanceof RestError) || error.status >= 500 || error.status === 429) return "kept";
    if (error.status === 409 && tries > 1) {
      await new Promise((done) => setTimeout(done, SETTLE_MS));
      return deliver(session, tries - 1);
    }
    forget(session, said);
    return "refused";
  }
  forget(session, said);
  return "saved";
}

/** Unless something newer was said meanwhile. @param {string} session @param {Review} said */
function forget(session, said) {
  const { [session]: now, ...others } = waitingReviews();
  if (JSON.stringify(now) === JSON.stringify(said)) remember("reviews", others);
}
