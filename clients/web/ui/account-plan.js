import { money, plan } from "../i18n/plan-page.js";
import { get, send } from "../net/rest.js";
import { billingRing } from "./billing-ring.js";
import { closeButton, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { Field, attempt, formOf } from "./form.js";
import { Outcome } from "./outcome.js";
import { Rows, dayOf } from "./rows.js";
import { tokensOf } from "./account-tokens.js";
import { openUpgrade } from "./upgrade-dialog.js";

/**
 * @typedef {{id: string, every: "month" | "year", amount_minor: number, currency: string}} Price
 * @typedef {{name: string, title: string, prices: Price[]}} Plan
 * @typedef {{plan: string, price_id: string | null, status: string, period_start: number, period_end: number}} Item
 * @typedef {object} Subscription
 * @property {string} plan
 * @property {string} title
 * @property {string} status
 * @property {number | null} period_end
 * @property {boolean} cancel_at_period_end
 * @property {number | null} trial_ends
 * @property {Item[] | null} history
 * @typedef {{id: string, amount_minor: number, currency: string, status: string, url: string, issued_at: number}} Invoice
 */

/** The plan, the tokens, the bills; what changes elsewhere is seen at once. @param {import("./account.js").Desk} desk */
export function build(desk) {
  const outcome = new Outcome();
  const fetchPlan = async () => {
    const [subscription, { plans }] = await Promise.all([
      get("/api/billing/subscription?all=1"),
      get("/api/billing/plans"),
    ]);
    return [{ subscription, plans }];
  };
  /** @type {Rows<{subscription: Subscription, plans: Plan[]}>} */
  const card = new Rows(fetchPlan, ({ subscription, plans }) => cardOf(desk, card, outcome, subscription, plans));
  card.list.classList.add("plan-cards");
  const tokens = tokensOf();
  const invoices = invoicesOf();
  desk.listening.player.addEventListener(
    "event",
    (event) => {
      const { type } = /** @type {CustomEvent} */ (event).detail;
      const changed = type.startsWith("billing.") ? [card, invoices] : type.startsWith("tokens.") ? [tokens] : [];
      for (const one of changed) one.refresh();
    },
    { signal: desk.signal },
  );
  return [
    card.element,
    outcome.element,
    h(
      "div",
      { class: "ledger" },
      tokens.element,
      h("section", {}, h("h2", { class: "label" }, plan.invoices.title), invoices.element, h("p", { class: "voice" }, plan.tokens.voice)),
    ),
  ];
}

/** @param {import("./account.js").Desk} desk @param {Rows<any>} card @param {Outcome} outcome @param {Subscription} subscription @param {Plan[]} plans */
function cardOf(desk, card, outcome, subscription, plans) {
  const { title, history, period_end } = subscription;
  const standing = history?.find((item) => item.period_end === period_end) ?? null;
  return h(
    "li",
    { class: "plan-card" },
    billingRing(standing?.period_start ?? null, period_end),
    h(
      "div",
      { class: "row-words" },
      h("h2", { class: "plan-name" }, title),
      h("p", { class: "soft" }, sentenceOf(subscription, standing, plans)),
    ),
    h("div", { class: "plan-deeds" }, ...deedsOf(desk, card, outcome, subscription)),
  );
}

/** @param {Subscription} subscription @param {Item | null} standing @param {Plan[]} plans */
function sentenceOf({ plan: name, title, status, period_end, cancel_at_period_end, trial_ends }, standing, plans) {
  if (trial_ends !== null && name === "trial") return plan.states.trial(dayOf(trial_ends));
  if (period_end === null) return plan.states.free;
  if (cancel_at_period_end) return plan.states.cancelled(title, dayOf(period_end));
  if (status === "past_due") return plan.states.past_due;
  const price = plans.flatMap(({ prices }) => prices).find(({ id }) => id === standing?.price_id);
  const costs = price ? `${money(price.amount_minor, price.currency)} ${plan.every[price.every]}.` : "";
  return plan.states.active(costs, dayOf(period_end)).trim();
}

/** @param {import("./account.js").Desk} desk @param {Rows<any>} card @param {Outcome} outcome @param {Subscription} subscription */
function deedsOf(desk, card, outcome, { plan: name, title, period_end, cancel_at_period_end }) {
  const isPaid = name !== "free" && name !== "trial";
  if (!isPaid) {
    return [h("button", { class: "button primary", onclick: () => openUpgrade(desk.listening, desk.login, "plan") }, plan.upgrade)];
  }
  const method = deed(plan.method, outcome, async () => leaveFor(await send("POST", "/api/billing/portal")));
  if (!cancel_at_period_end) {
    const cancel = h("button", { class: "button quiet", onclick: () => openCancel(title, period_end, card, outcome) }, plan.cancel);
    return [method, cancel];
  }
  const keep = deed(plan.goOn(title), outcome, async () => {
    await send("PUT", "/api/billing/subscription", { plan_id: name });
    await card.refresh();
    return plan.kept;
  });
  return [method, keep];
}

/** @param {string} label @param {Outcome} outcome @param {() => Promise<string | void>} act */
function deed(label, outcome, act) {
  const button = h("button", { class: "button" }, label);
  button.addEventListener("click", () => attempt(button, outcome, [], act));
  return button;
}

/** The provider's own page; it leads back here. @param {{url: string}} page */
export function leaveFor({ url }) {
  location.assign(url);
}

/** One press, and what stays is said first. @param {string} title @param {number | null} period_end @param {Rows<any>} card @param {Outcome} outcome */
function openCancel(title, period_end, card, outcome) {
  const day = period_end === null ? "" : dayOf(period_end);
  openDialog("cancel", plan.cancelling.title, (dialog) => {
    const reason = new Field("cancel-reason", plan.cancelling.reason, h("textarea", { rows: 3, maxlength: 500 }));
    const act = async () => {
      const { access_until } = await send("POST", "/api/billing/cancel", { reason: reason.value });
      dialog.close();
      await card.refresh();
      outcome.done(plan.cancelling.done(title, dayOf(access_until)));
    };
    const { form, button } = formOf({ fields: [reason], submit: plan.cancel, deed: act, kind: "danger" });
    const deeds = h("div", { class: "actions" }, closeButton(dialog, plan.keep));
    button.replaceWith(deeds);
    deeds.prepend(button);
    return [h("p", { class: "soft" }, plan.cancelling.lead(title, day)), form];
  });
}

function invoicesOf() {
  /** @type {Rows<Invoice>} */
  const rows = new Rows(
    async () => (await get("/api/billing/invoices")).invoices,
    ({ issued_at, amount_minor, currency, status, url }) =>
      h(
        "li",
        { class: "row bill" },
        h("span", {}, dayOf(issued_at)),
        h("span", { class: "bill-amount" }, money(amount_minor, currency)),
        h("span", { class: "row-mark" }, plan.invoices.states[status] ?? status),
        h("a", { class: "link", href: url, target: "_blank", rel: "noopener", "aria-label": plan.invoices.open(dayOf(issued_at)) }, plan.invoices.view),
      ),
    plan.invoices.none,
  );
  return rows;
}
