import { money, plan } from "../i18n/plan-page.js";
import { get, send } from "../net/rest.js";
import { openAuth } from "./auth-dialog.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { attempt } from "./form.js";
import { timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { Outcome } from "./outcome.js";

/**
 * What happened, when it comes back, what a plan changes and costs; "Not now" is as near as the offer.
 * @param {import("./listening.js").Listening} listening @param {import("./login.js").Login} login
 * @param {string} feature whose limit was reached, or `plan`
 */
export function openUpgrade(listening, login, feature) {
  const [title, leadOf] = plan.paywall[feature] ?? plan.paywall.plan;
  const resets_at = listening.state.limit?.resets_at;
  const clock = feature === "listening_time" && resets_at ? timeOfDay(new Date(resets_at * 1000)) : "";
  const dialog = openDialog("upgrade", title, () => {
    const outcome = new Outcome();
    const price = h("p", { class: "upgrade-price" });
    showPrice(price);
    const upgrade = h("button", { class: "button primary" }, plan.upgrade);
    upgrade.addEventListener("click", () => {
      if (!login.person) {
        dialog.close();
        openAuth(listening, login);
      } else attempt(upgrade, outcome, [], checkOut);
    });
    const deeds = h("div", { class: "actions" }, upgrade, notNow(), price);
    return [rings(), h("p", { class: "lead" }, leadOf(clock)), included(), deeds, outcome.element];
  });
  return dialog;

  function notNow() {
    const button = h("button", { class: "button", type: "button" }, plan.notNow);
    button.addEventListener("click", () => dialog.close());
    return button;
  }
}

async function checkOut() {
  const { url } = await send("POST", "/api/billing/checkout", { plan_id: "pro" });
  location.assign(url);
}

/** What it costs stands there once it is known. @param {HTMLElement} place */
async function showPrice(place) {
  try {
    const { plans } = await get("/api/billing/plans");
    const pro = plans.find((/** @type {{name: string}} */ { name }) => name === "pro");
    const price = pro.prices.find((/** @type {{every: string}} */ { every }) => every === "month");
    place.append(
      h("span", { class: "upgrade-amount" }, money(price.amount_minor, price.currency, true)),
      ` ${plan.every.month}`,
      h("br", {}),
      h("span", { class: "small" }, plan.anyTime),
    );
  } catch {
    place.append(plan.anyTime);
  }
}

function included() {
  const rows = plan.rows.map(([feature, name]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "soft" }, plan.free[feature]), h("td", {}, icon("check", 16), plan.none)),
  );
  const head = h("tr", {}, h("td", {}), h("th", { scope: "col" }, "Free"), h("th", { scope: "col", class: "gold-word" }, "Pro"));
  return h(
    "table",
    { class: "plans", "aria-label": plan.table },
    h("thead", {}, head),
    h("tbody", {}, ...rows),
  );
}

/** The well of the offer, half beyond the edge. */
function rings() {
  const template = document.createElement("template");
  const radii = [28, 45, 64, 85, 110, 139, 172];
  const circles = radii.map((r, i) => `<circle r="${r}" stroke-opacity="${(0.9 * 0.72 ** i).toFixed(2)}"/>`);
  template.innerHTML = `<svg class="upgrade-rings" viewBox="-172 -172 344 344" aria-hidden="true">${circles.join("")}<circle r="13" class="drop"/></svg>`;
  return /** @type {SVGElement} */ (template.content.firstElementChild);
}
