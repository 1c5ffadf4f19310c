/** The login of this page: it is kept by a cookie that no script reads, and goes on until somebody ends it. */

import { RestError, authority, get, send, sendByCookie } from "../net/rest.js";
import { remember, remembered } from "./settings.js";

/**
 * @typedef {object} Person
 * @property {string} user_id
 * @property {"guest" | "user"} kind
 * @property {string} plan
 * @property {string} role
 * @property {string} email
 * @property {boolean} is_verified
 * @property {boolean} has_second_factor
 * @property {string} name
 * @property {string} zone
 * @property {string} artist_name
 * @property {string} bio
 * @property {string} website
 * @property {string} country
 * @property {string} language
 * @property {number | null} created_at
 */
/** @typedef {"keep" | "renew" | "reconnect"} Change how the line learns of it: nobody else; the guest with a name; somebody else */
/** @typedef {{become: (change: Change) => void}} Line */

/** That there is a login to go on with; never what proves it. */
const MARKER = "login";

/** Fires "change" when somebody else is here, or more is known of them; "ended" where a login ended elsewhere. */
export class Login extends EventTarget {
  /** @type {Person | null} */
  person = null;
  /** One refresh serves all who wait. @type {Promise<boolean> | null} */
  #refreshing = null;

  /** @param {Line} line */
  constructor(line) {
    super();
    this.line = line;
    authority.renew = (old) => this.#renew(old);
  }

  /** Whether somebody was logged in when this browser was last here. */
  static get isKnown() {
    return remembered(MARKER, false);
  }

  /** Goes on with the login of the cookie; false where there is none, or nobody answers. */
  async restore() {
    if (!Login.isKnown) return false;
    const isBack = await this.#refresh();
    if (isBack) this.line.become("reconnect");
    return isBack;
  }

  /** A guest stays who they are, and now has a name. @param {{email: string, password: string, zone: string}} form */
  async register(form) {
    this.#begin(await sendByCookie("/api/auth/register", form), "renew");
  }

  /** @param {{email: string, password: string, code?: string}} form */
  async logIn(form) {
    this.#begin(await sendByCookie("/api/auth/login", form), "reconnect");
  }

  async logOut() {
    await send("POST", "/api/auth/logout");
    this.leave();
  }

  /** The server has ended it, with all that proved it. */
  leave() {
    remember(MARKER, false);
    this.#become(null, "", "reconnect");
  }

  /** Asks anew what is known of this person. */
  async look() {
    this.know(await get("/api/auth/me"));
  }

  /** @param {Person} person */
  know(person) {
    this.person = person;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} old the bearer that was refused */
  async #renew(old) {
    if (authority.bearer !== old) return authority.bearer !== "";
    const isRenewed = await this.#refresh();
    if (isRenewed) this.line.become("keep");
    return isRenewed;
  }

  #refresh() {
    this.#refreshing ??= this.#refreshOnce().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refreshOnce() {
    try {
      const { access_token, user } = await sendByCookie("/api/auth/refresh");
      authority.bearer = access_token;
      this.know(user);
      return true;
    } catch (error) {
      // nobody answered: the login may well be good
      if (!(error instanceof RestError) || (error.status !== 401 && error.code !== "suspended")) return false;
      const wasHere = this.person !== null;
      this.leave();
      if (wasHere) this.dispatchEvent(new Event("ended"));
      return false;
    }
  }

  /** @param {{access_token: string, user: Person}} session @param {Change} change */
  #begin({ access_token, user }, change) {
    remember(MARKER, true);
    this.#become(user, access_token, change);
  }

  /** @param {Person | null} person @param {string} bearer @param {Change} change */
  #become(person, bearer, change) {
    authority.bearer = bearer;
    this.person = person;
    this.line.become(change);
    this.dispatchEvent(new Event("change"));
  }
}
