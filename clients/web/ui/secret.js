import { page } from "../i18n/account-page.js";
import { h, write } from "./dom.js";

/**
 * What is shown this once, with a way to take it along.
 * @param {string} lead @param {string} secret @param {string} copyLabel
 */
export function secretOf(lead, secret, copyLabel) {
  const said = h("span", { class: "small", role: "status" });
  const copy = h("button", { class: "button compact", type: "button" }, copyLabel);
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(secret);
    write(said, page.copied);
  });
  return h(
    "div",
    { class: "secret", role: "status" },
    h("p", {}, lead),
    h("code", { class: "secret-value" }, secret),
    h("p", { class: "actions" }, navigator.clipboard ? copy : null, said),
  );
}
