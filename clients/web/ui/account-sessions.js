import { deviceName } from "../audio/device.js";
import { page } from "../i18n/account-page.js";
import { get, send } from "../net/rest.js";
import { h, mark } from "./dom.js";
import { Rows, agoOf, dayOf } from "./rows.js";

/** @typedef {{id: string, is_this: boolean, device: string, address: string, since: number, used_at: number}} Device */

const { sessions } = page;

/** The devices that are logged in. */
export function build() {
  const others = h("button", { class: "button", type: "button" }, sessions.others);
  const fetchAll = async () => {
    const { sessions: all } = /** @type {{sessions: Device[]}} */ (await get("/api/auth/sessions"));
    mark(others, "hidden", all.length < 2);
    return all;
  };
  /** @type {Rows<Device>} */
  const rows = new Rows(fetchAll, (one) => rowOf(rows, one));
  mark(others, "hidden", true);
  others.addEventListener("click", () => rows.change(others, async () => endOthers(others)));
  return [h("p", { class: "account-lead" }, sessions.lead), rows.element, others];
}

/** @param {HTMLButtonElement} button */
async function endOthers(button) {
  const { count } = await send("DELETE", "/api/auth/sessions");
  mark(button, "aria-disabled", null);
  return count > 0 ? sessions.othersEnded(count) : sessions.alone;
}

/** @param {Rows<Device>} rows @param {Device} device */
function rowOf(rows, { id, is_this, device, address, since, used_at }) {
  const name = deviceName(device);
  const end = h("button", { class: "button compact", type: "button", "aria-label": sessions.logOutOf(name) }, sessions.logOut);
  end.addEventListener("click", () =>
    rows.change(end, async () => {
      await send("DELETE", `/api/auth/sessions/${id}`);
      return sessions.ended(name);
    }),
  );
  const facts = [address, is_this ? "" : sessions.used(agoOf(used_at)), sessions.since(dayOf(since))].filter(Boolean);
  return h(
    "li",
    { class: "row" },
    h("div", { class: "row-words" }, h("b", {}, name), h("span", { class: "small" }, facts.join(" · "))),
    is_this ? h("span", { class: "row-mark" }, sessions.this) : end,
  );
}
