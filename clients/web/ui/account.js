import { page } from "../i18n/account-page.js";
import { openAuth } from "./auth-dialog.js";
import { h, mark } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./login.js").Login} Login
 * @typedef {{listening: Listening, login: Login, person: import("./login.js").Person, signal: AbortSignal}} Desk who it is about, for as long as they are here
 * @typedef {{build: (desk: Desk) => HTMLElement[]}} Section
 */

/** @type {Record<string, () => Promise<Section>>} */
const SECTIONS = {
  profile: () => import("./account-profile.js"),
  plan: () => import("./account-plan.js"),
  sessions: () => import("./account-sessions.js"),
  factor: () => import("./account-factor.js"),
  keys: () => import("./account-keys.js"),
  privacy: () => import("./account-privacy.js"),
};

/** In the place of the sound's screen, while the address says so; the sound goes on. @param {Listening} listening @param {Login} login */
export function openAccount(listening, login) {
  if (document.querySelector("sw-account")) return;
  if (!login.person) {
    history.replaceState(null, "", location.pathname);
    openAuth(listening, login, "in", page.logIn);
    return;
  }
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  const account = new AccountPage();
  account.desk = { listening, login, person: login.person, signal: account.life.signal };
  account.screen = /** @type {HTMLElement} */ (main.firstElementChild);
  main.replaceChildren(account);
}

/** Everything about oneself, a section at a time. */
class AccountPage extends HTMLElement {
  /** @type {Desk} */
  desk = /** @type {any} */ (undefined);
  /** What stood here before, and comes back. @type {HTMLElement | undefined} */
  screen = undefined;
  life = new AbortController();
  rail = h("ul", { class: "rail" });
  heading = h("h1", { class: "account-title", tabindex: "-1" });
  body = h("div", { class: "account-body" });

  connectedCallback() {
    const { signal } = this.life;
    const nav = h(
      "nav",
      { "aria-label": page.title },
      h("a", { class: "link soft account-back", href: "#" }, icon("back", 16), page.back),
      this.rail,
    );
    this.rail.append(...Object.keys(SECTIONS).map((name) => h("li", {}, railLink(name))));
    this.append(nav, h("section", { class: "account-sheet", "aria-label": page.title }, this.heading, this.body));
    addEventListener("hashchange", () => this.show(), { signal });
    this.desk.login.addEventListener("change", () => this.#follow(), { signal });
    this.show();
  }

  /** Shows the section of the address, or leaves. */
  async show() {
    const [, place, name = "profile"] = location.hash.match(/^#([a-z]+)\/?([a-z]*)/) ?? [];
    if (place !== "account") return this.#leave();
    const chosen = name in SECTIONS ? name : "profile";
    for (const link of this.rail.querySelectorAll("a")) {
      mark(link, "aria-current", link.dataset.section === chosen ? "page" : null);
      if (link.dataset.section === chosen) link.scrollIntoView({ block: "nearest", inline: "center" });
    }
    this.heading.replaceChildren(page.sections[chosen]);
    this.body.replaceChildren();
    this.dataset.section = chosen;
    this.heading.focus({ preventScroll: true });
    scrollTo(0, 0);
    const { build } = await SECTIONS[chosen]();
    if (this.dataset.section === chosen) this.body.replaceChildren(...build(this.desk));
  }

  /** Somebody else, or nobody, is here now. */
  #follow() {
    const { person } = this.desk.login;
    if (person?.user_id === this.desk.person.user_id) this.desk.person = person;
    else location.hash = "";
  }

  #leave() {
    this.life.abort();
    if (this.screen) this.replaceWith(this.screen);
    /** @type {HTMLElement | null} */ (document.querySelector("main"))?.focus({ preventScroll: true });
    this.desk.listening.dispatchEvent(new Event("change"));
  }
}

/** @param {string} name */
function railLink(name) {
  return h("a", { href: `#account/${name}`, "data-section": name }, page.sections[name]);
}

customElements.define("sw-account", AccountPage);
