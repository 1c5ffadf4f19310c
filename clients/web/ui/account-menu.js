import { account } from "../i18n/account.js";
import { h, mark } from "./dom.js";
import { icon } from "./icons.js";
import { openShortcuts } from "./later.js";

const { menu } = account;

/**
 * Who is here, and what can be done as them: arrows walk, Escape and a press elsewhere close, the focus returns.
 * @param {HTMLElement} button that it hangs from @param {import("./login.js").Person} person @param {() => void} logOut
 */
export function openMenu(button, person, logOut) {
  if (button.getAttribute("aria-expanded") === "true") return;
  const items = [
    h("a", { role: "menuitem", class: "menu-item", href: "#account" }, icon("user", 18), menu.account),
    h("button", { role: "menuitem", class: "menu-item", onclick: () => openShortcuts() }, icon("keys", 18), menu.keys),
    h("button", { role: "menuitem", class: "menu-item", onclick: logOut }, icon("leave", 18), menu.logOut),
  ];
  const sheet = h(
    "div",
    { class: "menu" },
    h("p", { class: "menu-who" }, h("b", {}, person.email), h("span", { class: "small" }, menu.plan(person.plan))),
    h("div", { role: "menu", "aria-label": menu.open(person.email) }, ...items),
  );
  button.after(sheet);
  mark(button, "aria-expanded", "true");
  items[0].focus();
  const life = new AbortController();
  const close = () => {
    if (life.signal.aborted) return;
    life.abort();
    const hadFocus = sheet.contains(document.activeElement);
    sheet.remove();
    mark(button, "aria-expanded", "false");
    if (hadFocus) button.focus();
  };
  sheet.addEventListener("keydown", (event) => walk(event, items, close));
  sheet.addEventListener("click", (event) => items.some((item) => item.contains(/** @type {Node} */ (event.target))) && close());
  sheet.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !sheet.contains(/** @type {Node} */ (relatedTarget)) && close());
  document.addEventListener("pointerdown", ({ target }) => !sheet.contains(/** @type {Node} */ (target)) && close(), life);
}

/** @param {KeyboardEvent} event @param {HTMLElement[]} items @param {() => void} close */
function walk(event, items, close) {
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const { length } = items;
  /** @type {Record<string, number>} */
  const goes = { ArrowDown: (at + 1) % length, ArrowUp: (at + length - 1) % length, Home: 0, End: length - 1 };
  if (event.key === "Escape") close();
  else if (event.key in goes) items[goes[event.key]].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
