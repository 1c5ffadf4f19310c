import { account } from "../i18n/account.js";
import { send } from "../net/rest.js";
import { closeButton, openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";
import { attempt } from "./form.js";
import { Outcome } from "./outcome.js";

const { auth } = account;
/** Before the mail had time to come, another helps nobody. */
const AGAIN_S = 30;

/** After signing up: a mail is on its way, and nothing has to wait for it. @param {string} email */
export function openSent(email) {
  openDialog("auth", auth.sentTitle, (dialog) => {
    const outcome = new Outcome();
    const again = againButton(outcome);
    dialog.addEventListener("close", () => clearInterval(again.timer));
    return [
      h("p", { class: "soft" }, auth.sent(email)),
      h("p", { class: "voice" }, auth.sentLead),
      outcome.element,
      h("div", { class: "actions" }, closeButton(dialog, auth.done), again.button),
    ];
  });
}

/** @param {Outcome} outcome */
function againButton(outcome) {
  const button = h("button", { class: "button quiet", type: "button", "aria-disabled": "true" }, auth.againIn(AGAIN_S));
  const until_ms = performance.now() + AGAIN_S * 1000;
  const timer = setInterval(() => {
    const left_s = Math.ceil((until_ms - performance.now()) / 1000);
    write(button, left_s > 0 ? auth.againIn(left_s) : auth.again);
    if (left_s > 0) return;
    clearInterval(timer);
    mark(button, "aria-disabled", null);
  }, 1000);
  button.addEventListener("click", () => {
    if (button.hasAttribute("aria-disabled")) return;
    attempt(button, outcome, [], async () => (await send("POST", "/api/auth/resend-verification")).message);
  });
  return { button, timer };
}
