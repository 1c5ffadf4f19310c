import { money, plan } from "../i18n/plan-page.js";
import { get, send } from "../net/rest.js";
import { leaveFor } from "./account-plan.js";
import { openDialog } from "./dialog.js";
import { h, write } from "./dom.js";
import { attempt } from "./form.js";
import { Outcome } from "./outcome.js";
import { Rows, shortTimeOf, dayOf } from "./rows.js";

/**
 * @typedef {{available: number, earned: number, bought: number, held: number, grants: {amount: number, ends_at: number}[]}} Balance
 * @typedef {{id: string, type: string, amount: number, available: number, reason: string, job: string | null, created_at: number}} Line
 * @typedef {{id: string, title: string, tokens: number, price_minor: number, currency: string}} Pack
 */

const { tokens } = plan;

/** What there is, how to get more, and every coming and going. */
export function tokensOf() {
  const number = h("p", { class: "balance" }, "–");
  const parts = h("p", { class: "small balance-parts" });
  const showBalance = async () => {
    const balance = /** @type {Balance} */ (await get("/api/tokens/balance"));
    write(number, String(balance.available));
    parts.replaceChildren(...partsOf(balance).flatMap((part) => [part, h("br", {})]));
  };
  /** @type {Rows<Line>} */
  const rows = new Rows(
    async () => {
      const [page] = await Promise.all([get("/api/tokens/transactions"), showBalance()]);
      return page.transactions;
    },
    lineOf,
    tokens.none,
  );
  const more = h("button", { class: "button", onclick: openPacks }, tokens.more);
  const head = h("div", { class: "balance-row" }, number, parts, more);
  const element = h("section", {}, h("h2", { class: "label" }, tokens.title), head, rows.element);
  return { element, refresh: () => rows.refresh() };
}

/** @param {Balance} balance @returns {string[]} */
function partsOf({ bought, earned, held, grants }) {
  return [
    ...grants.map(({ amount, ends_at }) => tokens.granted(amount, dayOf(ends_at))),
    ...(bought > 0 ? [tokens.bought(bought)] : []),
    ...(earned > 0 ? [tokens.earned(earned)] : []),
    ...(held > 0 ? [tokens.held(held)] : []),
  ];
}

/** @param {Line} line */
function lineOf({ type, amount, available, reason, job, created_at }) {
  const what = tokens.types[type] ?? type;
  return h(
    "li",
    { class: "row line", "data-type": type, "data-job": job },
    h("span", { class: "small softer" }, shortTimeOf(created_at)),
    h("span", { class: "line-mark", "aria-hidden": "true" }),
    h("span", { class: "line-what" }, reason ? `${what}: ${reason}` : what),
    h("span", { class: amount > 0 ? "line-amount more" : "line-amount" }, tokens.amount(amount)),
    h("span", { class: "line-left softer" }, String(available)),
  );
}

/** What is sold, and the way to the page where it is paid. */
function openPacks() {
  openDialog("packs", tokens.packs, () => {
    const outcome = new Outcome();
    /** @type {Rows<Pack>} */
    const rows = new Rows(async () => (await get("/api/tokens/packs")).packs, (pack) => packOf(pack, outcome));
    return [h("p", { class: "soft" }, tokens.packsLead), rows.element, outcome.element];
  });
}

/** @param {Pack} pack @param {Outcome} outcome */
function packOf({ id, tokens: count, price_minor, currency }, outcome) {
  const buy = h("button", { class: "button" }, money(price_minor, currency));
  const act = async () => leaveFor(await send("POST", "/api/tokens/purchase", { pack_id: id }));
  buy.addEventListener("click", () => attempt(buy, outcome, [], act));
  return h("li", { class: "row" }, h("b", {}, tokens.pack(count)), buy);
}
