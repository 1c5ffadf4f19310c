import { account } from "../i18n/account.js";
import { words } from "../i18n/en.js";
import "./later-icons.js";
import { openMenu } from "./account-menu.js";
import { openAuth as open, openForgotten, openReset } from "./auth-dialog.js";
import { closeButton, openDialog } from "./dialog.js";
import { h, mark } from "./dom.js";
import { fetchAnnouncer } from "./later.js";
import { Login } from "./login.js";
import { Outcome } from "./outcome.js";
import { openVerified } from "./verify-dialog.js";

/** @typedef {import("./listening.js").Listening} Listening */

/** The one login of this page, shown in the header from now on. @param {Listening} listening @returns {Login} */
export function loginOf(listening) {
  if (listening.login) return listening.login;
  const login = new Login(listening.player);
  listening.login = login;
  login.addEventListener("change", () => {
    showDoor(listening, login);
    listening.dispatchEvent(new Event("change"));
  });
  login.addEventListener("ended", () => say(listening, account.told.ended));
  followLine(listening, login);
  return login;
}

/** Goes on with the login that was. @param {Listening} listening */
export async function enter(listening) {
  const login = loginOf(listening);
  await login.restore();
  showDoor(listening, login);
}

/** @param {Listening} listening @param {"up" | "in"} [tab] */
export function openAuth(listening, tab) {
  open(listening, loginOf(listening), tab);
}

/** What a plan changes, where a limit was reached. @param {Listening} listening @param {string} feature */
export async function openUpgrade(listening, feature) {
  (await import("./upgrade-dialog.js")).openUpgrade(listening, loginOf(listening), feature);
}

/** Where the address leads; what it proves does not stay in it. @param {Listening} listening */
export async function go(listening) {
  const [, place, token] = location.hash.match(/^#([a-z]+)\/?([^/]*)/) ?? [];
  const login = loginOf(listening);
  if (place === "account") return (await import("./account.js")).openAccount(listening, login);
  history.replaceState(null, "", location.pathname);
  if (place === "verify") openVerified(listening, login, token);
  else if (place === "reset") openReset(listening, login, token);
  else if (place === "forgot") openForgotten(listening, login);
  else (await import("./paid-dialog.js")).openPaid(listening, login, place === "paid");
}

/** @param {Listening} listening */
export async function logOut(listening) {
  try {
    await loginOf(listening).logOut();
  } catch (error) {
    tellFailure(error);
    return;
  }
  listening.library?.load();
  say(listening, account.told.loggedOut);
}

/** @param {unknown} error */
function tellFailure(error) {
  const outcome = new Outcome();
  openDialog("auth", account.menu.logOut, (dialog) => [outcome.element, closeButton(dialog, words.dismiss)]);
  outcome.fail(error);
}

/** Aloud, for those who do not see it. @param {Listening} listening @param {string} sentence */
export async function say(listening, sentence) {
  (await fetchAnnouncer(listening)).say(sentence);
}

/** A login whose server was away comes back with the line; what others change of it is looked at. @param {Listening} listening @param {Login} login */
function followLine(listening, login) {
  const { player } = listening;
  let before = player.state.connection;
  player.addEventListener("state", () => {
    const { connection } = player.state;
    if (connection === "connected" && before !== "connected" && Login.isKnown && !login.person) login.restore();
    before = connection;
  });
  player.addEventListener("event", (event) => {
    const { type } = /** @type {CustomEvent} */ (event).detail;
    if (/^(account|billing)\./.test(type) && login.person) login.look().catch(() => {});
  });
}

/** The way in for a guest, one's initial for everybody else. @param {Listening} listening @param {Login} login */
function showDoor(listening, login) {
  const door = document.querySelector(".door");
  if (!door) return;
  mark(door, "data-awaits", null);
  const { person } = login;
  const known = door.querySelector(".initial");
  if (!person) known?.remove();
  else if (!known) door.append(initialOf(listening, person));
  mark(/** @type {Element} */ (door.firstElementChild), "hidden", person !== null);
}

/** @param {Listening} listening @param {import("./login.js").Person} person */
function initialOf(listening, person) {
  const button = h(
    "button",
    { class: "initial", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": account.menu.open(person.email) },
    h("span", { "aria-hidden": "true" }, (person.name || person.email)[0].toUpperCase()),
  );
  button.addEventListener("click", () => openMenu(button, loginOf(listening).person ?? person, () => logOut(listening)));
  return button;
}

