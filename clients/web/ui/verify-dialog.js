import { account } from "../i18n/account.js";
import { words } from "../i18n/en.js";
import { RestError, send, sendByCookie } from "../net/rest.js";
import { openAuth } from "./auth-dialog.js";
import { closeButton, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { attempt } from "./form.js";
import { Outcome } from "./outcome.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./login.js").Login} Login
 */

const { links } = account;

/** The link that confirms an address: what became of it, and another where it was too old. @param {Listening} listening @param {Login} login @param {string} token */
export function openVerified(listening, login, token) {
  openDialog("auth", links.verify, (dialog) => {
    const outcome = new Outcome();
    const actions = h("div", { class: "actions" }, closeButton(dialog, words.dismiss));
    const offer = () => actions.prepend(login.person ? newLink(outcome) : logInFirst(dialog, listening, login));
    follow(token, outcome, login, offer);
    return [outcome.element, actions];
  });
}

/** @param {string} token @param {Outcome} outcome @param {Login} login @param {() => void} offer another way */
async function follow(token, outcome, login, offer) {
  outcome.wait(links.verifying);
  try {
    await sendByCookie("/api/auth/verify-email", { token });
    outcome.done(account.told.verified);
    if (login.person) await login.look();
  } catch (error) {
    if (!(error instanceof RestError) || error.code !== "bad_token") return outcome.fail(error);
    outcome.refuse(links.old);
    offer();
  }
}

/** @param {Outcome} outcome */
function newLink(outcome) {
  const button = h("button", { class: "button primary" }, links.newLink);
  const ask = async () => (await send("POST", "/api/auth/resend-verification")).message;
  button.addEventListener("click", () => attempt(button, outcome, [], ask));
  return button;
}

/** @param {HTMLDialogElement} dialog @param {Listening} listening @param {Login} login */
function logInFirst(dialog, listening, login) {
  const open = () => (dialog.close(), openAuth(listening, login, "in", links.logInFirst));
  return h("button", { class: "button primary", onclick: open }, account.auth.logIn);
}
