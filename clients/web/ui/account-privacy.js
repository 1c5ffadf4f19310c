import { page } from "../i18n/account-page.js";
import { get, send } from "../net/rest.js";
import { h } from "./dom.js";
import { say } from "./door.js";
import { PasswordField, attempt, formOf } from "./form.js";
import { Outcome } from "./outcome.js";

const { privacy } = page;

/** Taking everything along, and going. @param {import("./account.js").Desk} desk */
export function build(desk) {
  return [...taking(), h("hr", { class: "rule" }), ...going(desk)];
}

function taking() {
  const outcome = new Outcome();
  const button = h("button", { class: "button", type: "button" }, privacy.exportButton);
  const take = async () => {
    const { data } = await get("/api/account/export");
    download("soundwell.json", JSON.stringify(data, null, 2));
    return privacy.exported;
  };
  button.addEventListener("click", () => attempt(button, outcome, [], take));
  return [h("h2", {}, privacy.export), h("p", { class: "soft" }, privacy.exportLead), button, outcome.element];
}

/** @param {import("./account.js").Desk} desk */
function going({ listening, login }) {
  const password = new PasswordField("delete-password", privacy.password, false);
  const deed = async () => {
    await send("DELETE", "/api/account", { password: password.value });
    login.leave();
    listening.library?.load();
    say(listening, privacy.deleted);
  };
  const { form } = formOf({ fields: [password], submit: privacy.deleteButton, deed, kind: "danger" });
  return [h("h2", {}, privacy.delete), h("p", { class: "soft" }, privacy.deleteLead), form];
}

/** @param {string} name @param {string} text */
function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
