import { page } from "../i18n/account-page.js";
import { send } from "../net/rest.js";
import { h } from "./dom.js";
import { Field, PasswordField, attempt, formOf, textField } from "./form.js";
import { icon } from "./icons.js";
import { Outcome } from "./outcome.js";
import { COUNTRIES, LANGUAGES, zones } from "./places.js";

/** @typedef {import("./account.js").Desk} Desk */

const { profile } = page;

/** What one says of oneself, the address, and the password. @param {Desk} desk */
export function build(desk) {
  return [
    h("p", { class: "account-lead" }, profile.lead),
    aboutForm(desk),
    h("hr", { class: "rule" }),
    h("h2", {}, profile.email),
    addressOf(desk),
    h("hr", { class: "rule" }),
    h("h2", {}, profile.password),
    h("p", { class: "soft" }, profile.changeLead),
    passwordForm(desk),
  ];
}

/** @param {Desk} desk */
function aboutForm({ login, person }) {
  const { name, artist_name, bio, website, country, language, zone } = person;
  const fields = [
    textField("profile-name", profile.name, { value: name, maxlength: 80, autocomplete: "name" }),
    textField("profile-artist-name", profile.artist_name, { value: artist_name, maxlength: 80 }, { hint: profile.artistHint }),
    new Field("profile-bio", profile.bio, textArea(bio)),
    textField("profile-website", profile.website, { value: website, type: "url", maxlength: 200, autocomplete: "url" }),
    selectField("profile-country", profile.country, namesOf("region", COUNTRIES), country),
    selectField("profile-language", profile.language, namesOf("language", LANGUAGES), language),
    selectField("profile-zone", profile.zone, zones().map((one) => [one, one.replaceAll("_", " ")]), zone, profile.zoneHint),
  ];
  const deed = async () => {
    login.know(await send("PUT", "/api/auth/profile", Object.fromEntries(fields.map((field) => [field.name, field.value]))));
    return profile.saved;
  };
  return formOf({ class: "two", fields, submit: profile.save, deed }).form;
}

/** The address, and whether it is known to be theirs; another page may have followed the link. @param {Desk} desk */
function addressOf(desk) {
  const place = h("div", { class: "address" });
  const show = () => place.replaceChildren(...address(desk.login.person ?? desk.person));
  desk.login.addEventListener("change", show, { signal: desk.signal });
  show();
  return place;
}

/** @param {import("./login.js").Person} person */
function address({ email, is_verified }) {
  const state = is_verified ? profile.verified : profile.unverified;
  const line = h(
    "p",
    { class: "address-line" },
    h("b", {}, email),
    h("span", { class: "verified", "data-kind": is_verified ? "good" : "open" }, icon(is_verified ? "check" : "timer", 14), state),
  );
  if (is_verified) return [line];
  const outcome = new Outcome();
  const button = h("button", { class: "button", type: "button" }, profile.again);
  const ask = async () => (await send("POST", "/api/auth/resend-verification")).message;
  button.addEventListener("click", () => attempt(button, outcome, [], ask));
  return [line, h("p", { class: "soft" }, profile.unverifiedLead), button, outcome.element];
}

/** @param {Desk} desk */
function passwordForm({ person }) {
  const current = new PasswordField("password-current-password", profile.current, false);
  const next = new PasswordField("password-new-password", profile.next, true);
  // a manager of passwords wants to know whose it is
  const whose = h("input", { type: "email", autocomplete: "username", value: person.email, hidden: true });
  const deed = async () => {
    const change = { current_password: current.value, new_password: next.value };
    const { message } = await send("POST", "/api/auth/change-password", change);
    for (const field of [current, next]) field.empty();
    return message;
  };
  return formOf({ fields: [current, next], submit: profile.change, deed, before: [whose], kind: "" }).form;
}

/** @param {string} text */
function textArea(text) {
  const area = h("textarea", { rows: 4, maxlength: 1000 });
  area.value = text;
  return area;
}

/** @param {string} id @param {string} label @param {string[][]} options value and name @param {string} chosen @param {string} [hint] */
function selectField(id, label, options, chosen, hint) {
  const known = options.some(([value]) => value === chosen) ? options : [[chosen, chosen || profile.unsaid], ...options];
  const select = h("select", {}, ...known.map(([value, name]) => h("option", { value }, name)));
  select.value = chosen;
  return new Field(id, label, select, { hint });
}

/** @param {"region" | "language"} type @param {string[]} codes @returns {string[][]} with none first */
function namesOf(type, codes) {
  const names = new Intl.DisplayNames("en-GB", { type });
  const named = codes.map((code) => [code, names.of(code) ?? code]);
  return [["", profile.unsaid], ...named.sort(([, a], [, b]) => a.localeCompare(b))];
}
