import { account } from "../i18n/account.js";
import { plan } from "../i18n/plan-page.js";
import { words } from "../i18n/en.js";
import { closeButton, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { Outcome } from "./outcome.js";

const { paid } = plan;
/** What a plan that was paid for is not. */
const UNPAID = ["guest", "free", "trial"];

/**
 * Where the page of the payment leads back to: what was paid for is there as soon as the provider has said so.
 * @param {import("./listening.js").Listening} listening @param {import("./login.js").Login} login @param {boolean} isPaid
 */
export function openPaid(listening, login, isPaid) {
  const life = new AbortController();
  const dialog = openDialog("auth", isPaid ? paid.title : paid.unpaidTitle, (self) => {
    const outcome = new Outcome();
    if (isPaid) follow(listening, login, outcome, life.signal);
    else outcome.wait(paid.unpaid);
    const look = h("a", { class: "button", href: "#account/plan", onclick: () => self.close() }, paid.look);
    return [outcome.element, h("div", { class: "actions" }, look, closeButton(self, words.dismiss))];
  });
  dialog.addEventListener("close", () => life.abort());
}

/** @param {import("./listening.js").Listening} listening @param {import("./login.js").Login} login @param {Outcome} outcome @param {AbortSignal} signal */
function follow({ player }, login, outcome, signal) {
  const show = () => {
    const name = login.person?.plan ?? "guest";
    if (UNPAID.includes(name)) outcome.wait(paid.waiting);
    else outcome.done(paid.plan(account.plans[name] ?? name));
  };
  const hear = (/** @type {Event} */ event) => {
    const { type, data } = /** @type {CustomEvent} */ (event).detail;
    if (type === "tokens.changed" && data.type === "purchase") outcome.done(paid.tokens);
  };
  login.addEventListener("change", show, { signal });
  player.addEventListener("event", hear, { signal });
  show();
}
