import { page } from "../i18n/account-page.js";
import { get, send } from "../net/rest.js";
import { h } from "./dom.js";
import { formOf, textField } from "./form.js";
import { Rows, agoOf, dayOf } from "./rows.js";
import { secretOf } from "./secret.js";

/** @typedef {{id: string, name: string, scopes: string[], created_at: number, expires_at: number | null, used_at: number | null}} Key */

const { keys } = page;
const SCOPES = ["listen", "account", "billing", "tokens"];

/** The keys of one's own programs, and a new one. @param {import("./account.js").Desk} desk */
export function build({ person }) {
  const fetchAll = async () => /** @type {Key[]} */ ((await get("/api/auth/api-keys")).keys);
  /** @type {Rows<Key>} */
  const rows = new Rows(fetchAll, (one) => rowOf(rows, one), keys.none);
  return [
    h("p", { class: "account-lead" }, keys.lead),
    rows.element,
    h("h2", {}, keys.make),
    ...newKey(rows, person.role === "admin" ? [...SCOPES, "admin"] : SCOPES),
  ];
}

/** @param {Rows<Key>} rows @param {Key} key */
function rowOf(rows, { id, name, scopes, expires_at, used_at }) {
  const remove = h("button", { class: "button compact", type: "button", "aria-label": keys.deleteOf(name) }, keys.delete);
  remove.addEventListener("click", () =>
    rows.change(remove, async () => {
      await send("DELETE", `/api/auth/api-keys/${id}`);
      return keys.deleted(name);
    }),
  );
  const may = scopes.map((scope) => keys.may[scope]).join(", ");
  const facts = [may, used_at ? keys.used(agoOf(used_at)) : keys.never, expires_at && keys.until(dayOf(expires_at))];
  return h(
    "li",
    { class: "row" },
    h("div", { class: "row-words" }, h("b", {}, name), h("span", { class: "small" }, facts.filter(Boolean).join(" · "))),
    remove,
  );
}

/** @param {Rows<Key>} rows @param {string[]} scopes */
function newKey(rows, scopes) {
  const shown = h("div", {});
  const name = textField("key-name", keys.name, { maxlength: 80, required: true, autocomplete: "off" }, { hint: keys.nameHint });
  const days = textField("key-days", keys.days, { inputmode: "numeric", maxlength: 4, autocomplete: "off" }, { hint: keys.daysHint });
  const choices = scopes.map((scope) => h("input", { type: "checkbox", value: scope, class: "visually-hidden", checked: scope === "listen" }));
  const deed = async () => {
    const chosen = choices.filter(({ checked }) => checked).map(({ value }) => value);
    const until = days.value.trim() === "" ? {} : { days: Number(days.value) };
    const { key } = await send("POST", "/api/auth/api-keys", { name: name.value, scopes: chosen, ...until });
    shown.replaceChildren(secretOf(keys.made, key, keys.copy));
    for (const field of [name, days]) field.empty();
    await rows.load();
  };
  const group = h(
    "fieldset",
    {},
    h("legend", { class: "label" }, keys.scopes),
    h("div", { class: "chips" }, ...choices.map((one) => h("label", { class: "chip" }, one, keys.may[one.value]))),
  );
  const { form, button } = formOf({ fields: [name, days], submit: keys.make, deed });
  button.before(group);
  return [shown, form];
}
