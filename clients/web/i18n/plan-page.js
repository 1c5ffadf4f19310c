/** The sentences of plans, tokens and bills. */

import { NBSP, minus, plural } from "./en.js";

/** @param {number} minor in the smallest unit @param {string} currency @param {boolean} [isShort] without cents that are none */
export function money(minor, currency, isShort = false) {
  const digits = isShort && minor % 100 === 0 ? 0 : 2;
  return (minor / 100).toLocaleString("en-IE", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export const plan = {
  rows: [
    ["listening_time", "Listening"],
    ["multi_project", "Projects"],
    ["daily_release_limit", "Releases"],
  ],
  /** What the free plan includes of each. @type {Record<string, string>} */
  free: { listening_time: "30 min a day", multi_project: "1", daily_release_limit: "1 a day" },
  none: "No limit",
  every: { month: "a month", year: "a year" },

  /** What the one sentence below the plan's name says. */
  states: {
    free: "30 minutes of sound a day, one project, one release a day. No card, no end.",
    trial: (/** @type {string} */ day) => `Everything of Pro until ${day}. No card: it ends by itself.`,
    active: (/** @type {string} */ price, /** @type {string} */ day) => `${price} Next payment on ${day}.`,
    cancelled: (/** @type {string} */ title, /** @type {string} */ day) => `You keep ${title} until ${day}. Nothing more is charged.`,
    past_due: "The last payment did not go through. Please look at your payment method.",
  },
  upgrade: "Upgrade to Pro",
  method: "Payment method",
  cancel: "Cancel plan",
  keep: "Keep it",
  goOn: (/** @type {string} */ title) => `Keep ${title}`,
  kept: "Your plan goes on.",
  days: (/** @type {number} */ gone, /** @type {number} */ all) => `Day ${gone} of ${all}`,

  cancelling: {
    title: "Cancel your plan?",
    lead: (/** @type {string} */ title, /** @type {string} */ day) => `You keep ${title} until ${day}. Your sounds and tokens that you bought stay.`,
    reason: "Why, if you like to say",
    done: (/** @type {string} */ title, /** @type {string} */ day) => `Cancelled. You keep ${title} until ${day}.`,
  },

  /** What happened, by feature; and when it comes back. @type {Record<string, [string, (clock: string) => string]>} */
  paywall: {
    listening_time: [
      "Your 30 free minutes are used.",
      (clock) => `They come back${clock && ` at ${clock}`}. Your sound faded out and waits where it was.`,
    ],
    multi_project: ["Your free plan holds one project.", () => "The one that you have stays as it is."],
    daily_release_limit: ["Today’s free release is made.", (clock) => `The next one is free${clock && ` at ${clock}`}.`],
    tokens: ["This needs more tokens than you have.", () => "Nothing was charged."],
    plan: ["More of everything", () => "What Pro changes, and what it costs."],
  },
  paid: {
    title: "Thank you",
    waiting: "Your payment is being confirmed. You need not wait here.",
    plan: (/** @type {string} */ title) => `${title} is yours, from now on.`,
    tokens: "Your tokens are there.",
    unpaidTitle: "Nothing was paid",
    unpaid: "You left before the end. Nothing was charged, and everything is as it was.",
    look: "Plan and tokens",
  },
  notNow: "Not now",
  anyTime: "Cancel here, any time",
  table: "What the plans include",
  offer: "What Pro changes",

  tokens: {
    title: "Tokens",
    held: (/** @type {number} */ count) => `${count} set aside for jobs`,
    bought: (/** @type {number} */ count) => `${count} bought, never expire`,
    earned: (/** @type {number} */ count) => plural(count, "reward", "rewards"),
    granted: (/** @type {number} */ count, /** @type {string} */ day) => `${count} of your plan, until ${day}`,
    more: "Get more",
    packs: "Get tokens",
    packsLead: "Tokens that you buy never expire, with or without a plan.",
    pack: (/** @type {number} */ count) => plural(count, "token", "tokens"),
    none: "No tokens have come or gone yet.",
    voice: "If a job fails, its tokens come back by themselves, and this list says so.",
    /** By type of transfer. @type {Record<string, string>} */
    types: {
      purchase: "Bought",
      use: "Used",
      reward: "Reward",
      grant: "Of your plan",
      refund: "Refunded",
      reserve: "Set aside",
      settle: "Used",
      release: "Returned, no charge",
      lapse: "Lapsed with its month",
      admin: "Added by us",
    },
    amount: (/** @type {number} */ amount) => (amount > 0 ? `+${amount}` : minus(String(amount))),
  },

  invoices: {
    title: "Invoices",
    none: "No invoices yet.",
    /** @type {Record<string, string>} */
    states: { paid: "Paid", open: "Open", refunded: "Refunded", void: "Void" },
    open: (/** @type {string} */ day) => `Invoice of ${day}`,
    view: `Invoice${NBSP}↗`,
  },
};
