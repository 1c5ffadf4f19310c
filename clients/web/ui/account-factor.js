import { page } from "../i18n/account-page.js";
import { send } from "../net/rest.js";
import { h } from "./dom.js";
import { PasswordField, formOf, textField } from "./form.js";
import { secretOf } from "./secret.js";

/** @typedef {import("./account.js").Desk} Desk */

const { factor } = page;

/** A code beside the password: begin, confirm, keep the recovery codes; or go without again. @param {Desk} desk */
export function build(desk) {
  const place = h("div", { class: "factor" });
  show(place, ...(desk.person.has_second_factor ? whileOn(desk, place) : whileOff(desk, place)));
  return [place];
}

/** @param {HTMLElement} place @param {...HTMLElement} children */
function show(place, ...children) {
  place.replaceChildren(...children);
}

/** @param {Desk} desk @param {HTMLElement} place */
function whileOff(desk, place) {
  const password = new PasswordField("factor-password", factor.password, false);
  const deed = async () => {
    const { secret, uri } = await send("POST", "/api/auth/totp", { password: password.value });
    show(place, ...confirming(desk, place, secret, uri));
    focusFirst(place);
  };
  const { form } = formOf({ fields: [password], submit: factor.begin, deed });
  return [h("p", { class: "account-lead" }, factor.off), form];
}

/** @param {Desk} desk @param {HTMLElement} place @param {string} secret @param {string} uri */
function confirming(desk, place, secret, uri) {
  const code = codeField("");
  const deed = async () => {
    const { codes } = await send("POST", "/api/auth/totp/confirm", { code: code.value });
    await desk.login.look();
    show(place, ...codesOnce(desk, place, codes));
  };
  const { form } = formOf({ fields: [code], submit: factor.confirm, deed });
  const grouped = secret.replace(/(.{4})(?=.)/g, "$1 ");
  return [
    secretOf(factor.secretLead, grouped, page.copy),
    h("p", {}, h("a", { class: "link", href: uri }, factor.open)),
    form,
  ];
}

/** @param {Desk} desk @param {HTMLElement} place @param {string[]} codes */
function codesOnce(desk, place, codes) {
  const kept = () => show(place, ...whileOn(desk, place));
  const button = h("button", { class: "button primary", type: "button", onclick: kept }, factor.kept);
  return [secretOf(factor.codesLead, codes.join("\n"), factor.copyCodes), button];
}

/** @param {Desk} desk @param {HTMLElement} place */
function whileOn(desk, place) {
  const password = new PasswordField("factor-password", factor.password, false);
  const code = codeField(factor.codeHint);
  const deed = async () => {
    await send("POST", "/api/auth/totp/remove", { password: password.value, code: code.value });
    await desk.login.look();
    const off = whileOff(desk, place);
    show(place, h("p", { class: "small", role: "status" }, factor.removed), ...off);
    focusFirst(place);
  };
  const { form } = formOf({ fields: [password, code], submit: factor.remove, deed, kind: "danger" });
  return [h("p", { class: "account-lead" }, factor.on), h("p", { class: "soft" }, factor.removeLead), form];
}

/** @param {string} hint */
function codeField(hint) {
  const props = { autocomplete: "one-time-code", maxlength: 32, required: true };
  return textField("factor-code", factor.code, props, { hint });
}

/** @param {HTMLElement} place */
function focusFirst(place) {
  /** @type {HTMLElement | null} */ (place.querySelector("input"))?.focus();
}
