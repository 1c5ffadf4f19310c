import { account } from "../i18n/account.js";
import { RestError, sendByCookie } from "../net/rest.js";
import { along } from "./along.js";
import { openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";
import { PasswordField, formOf, textField } from "./form.js";
import { fetchAnnouncer, fetchShelf } from "./later.js";
import { keepRaised, raise } from "./segments.js";
import { openSent } from "./sent-dialog.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./login.js").Login} Login
 */

const { auth } = account;

/** Sign up or log in. @param {Listening} listening @param {Login} login @param {"up" | "in"} [tab] @param {string} [lead] */
export function openAuth(listening, login, tab = "up", lead) {
  const form = new AuthForm(listening, login, lead);
  openDialog("auth", auth.title, (dialog) => form.build(dialog));
  form.choose(tab);
  form.email.control.focus();
}

/** A mail with a link for who has lost the password; the answer is the same for everybody. @param {Listening} listening @param {Login} login @param {string} [email] */
export function openForgotten(listening, login, email = "") {
  openDialog("auth", auth.forgotTitle, (dialog) => {
    const address = emailField("forgot-email", email);
    const { form } = formOf({
      fields: [address],
      submit: auth.sendLink,
      deed: async () => (await sendByCookie("/api/auth/request-password-reset", { email: address.value })).message,
    });
    return [h("p", { class: "soft" }, auth.forgotLead), form, foot(dialog, backToLogIn(dialog, listening, login))];
  });
}

/** What the link of a mail leads to. @param {Listening} listening @param {Login} login @param {string} token */
export function openReset(listening, login, token) {
  openDialog("auth", auth.resetTitle, (dialog) => {
    const password = new PasswordField("reset-new-password", auth.newPassword, true);
    const deed = async () => {
      try {
        await sendByCookie("/api/auth/reset-password", { token, new_password: password.value });
      } catch (error) {
        if (!(error instanceof RestError) || error.code !== "bad_token") throw error;
        dialog.close();
        return openOldLink(listening, login);
      }
      login.leave();
      dialog.close();
      openAuth(listening, login, "in", account.links.resetDone);
    };
    const { form } = formOf({ fields: [password], submit: auth.set, deed });
    return [h("p", { class: "soft" }, auth.resetLead), form];
  });
}

/** A link that is good for nothing; another is one press away. @param {Listening} listening @param {Login} login */
function openOldLink(listening, login) {
  openDialog("auth", auth.resetTitle, (dialog) => {
    const another = () => (dialog.close(), openForgotten(listening, login));
    return [
      h("p", { class: "soft" }, account.links.old),
      h("div", { class: "actions" }, h("button", { class: "button primary", onclick: another }, account.links.newLink)),
    ];
  });
}

/** @param {string} id @param {string} [value] */
function emailField(id, value = "") {
  return textField(id, auth.email, { type: "email", autocomplete: "email", maxlength: 254, required: true, value });
}

/** @param {HTMLDialogElement} dialog @param {HTMLElement} last */
function foot(dialog, last) {
  const stay = h("button", { class: "link", type: "button", onclick: () => dialog.close() }, auth.guest);
  return h("div", { class: "auth-foot" }, stay, last);
}

/** @param {HTMLDialogElement} dialog @param {Listening} listening @param {Login} login */
function backToLogIn(dialog, listening, login) {
  const back = () => (dialog.close(), openAuth(listening, login, "in"));
  return h("button", { class: "link soft", type: "button", onclick: back }, auth.back);
}

/** The two ways in share their fields, so that what was typed stays. */
class AuthForm {
  email = emailField("auth-email");
  password = new PasswordField("auth-password", auth.password, true);
  code = textField("auth-code", auth.code, { autocomplete: "one-time-code", maxlength: 32, required: true }, { hint: auth.codeHint });
  lead = h("p", { class: "soft auth-lead" });
  promise = h("p", { class: "small auth-promise" });
  /** @type {"up" | "in"} */
  tab = "up";

  /** @param {Listening} listening @param {Login} login @param {string} [lead] */
  constructor(listening, login, lead) {
    this.listening = listening;
    this.login = login;
    this.said = lead;
    this.tabs = h(
      "div",
      { class: "segments", role: "group", "aria-label": auth.tabs },
      ...[["up", auth.signUp], ["in", auth.logIn]].map(([tab, label]) =>
        h("button", { class: "segment", type: "button", "data-tab": tab, onclick: () => this.choose(/** @type {"up" | "in"} */ (tab)) }, label),
      ),
    );
  }

  /** @param {HTMLDialogElement} dialog */
  build(dialog) {
    this.dialog = dialog;
    const { form } = formOf({
      fields: [this.email, this.password, this.code],
      submit: auth.go,
      deed: () => this.#enter(),
      after: [this.promise],
    });
    const life = new AbortController();
    dialog.addEventListener("close", () => life.abort());
    keepRaised(this.tabs, () => this.#raise(), life.signal);
    this.code.element.remove();
    write(this.lead, this.said ?? along(this.listening));
    if (!this.said) this.#waitForShelf();
    const forgotten = () => (dialog.close(), openForgotten(this.listening, this.login, this.email.value));
    const forgot = h("button", { class: "link soft", type: "button", onclick: forgotten }, auth.forgot);
    return [this.lead, this.tabs, form, foot(dialog, forgot)];
  }

  /** @param {"up" | "in"} tab */
  choose(tab) {
    this.tab = tab;
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.tabs.querySelectorAll(".segment"))) {
      mark(one, "aria-pressed", String(one.dataset.tab === tab));
    }
    this.#raise();
    this.code.element.remove();
    this.email.calm();
    this.password.expect(tab === "up");
    write(this.promise, tab === "up" ? auth.trial : auth.everywhere);
  }

  #raise() {
    const chosen = /** @type {HTMLElement | null} */ (this.tabs.querySelector("[aria-pressed='true']"));
    raise(this.tabs, chosen);
  }

  /** What comes along may not have been fetched yet. */
  async #waitForShelf() {
    const library = (await fetchShelf()).libraryOf(this.listening);
    await library.loaded;
    write(this.lead, along(this.listening));
  }

  #enter() {
    return this.tab === "up" ? this.#signUp() : this.#logIn();
  }

  async #signUp() {
    const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
    const email = this.email.value.trim();
    await this.login.register({ email, password: this.password.value, zone });
    this.dialog?.close();
    this.listening.library?.load();
    openSent(email);
  }

  async #logIn() {
    const code = this.code.element.isConnected ? { code: this.code.value.trim() } : {};
    const email = this.email.value.trim();
    try {
      await this.login.logIn({ email, password: this.password.value, ...code });
    } catch (error) {
      if (this.#tell(error)) return;
      throw error;
    }
    this.dialog?.close();
    this.listening.library?.load();
    (await fetchAnnouncer(this.listening)).say(account.told.loggedIn(email));
  }

  /** What is to be typed next, or anew. @param {unknown} error */
  #tell(error) {
    if (!(error instanceof RestError)) return false;
    const wantsCode = error.code === "second_factor_needed";
    if (wantsCode) this.password.element.after(this.code.element);
    const field = this.code.element.isConnected ? this.code : this.password;
    if (error.code === "wrong_credentials") field.complain(field === this.code ? auth.codeWrong : auth.wrong);
    else if (!wantsCode) return false;
    field.control.focus();
    return true;
  }
}
