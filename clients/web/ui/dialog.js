import { words } from "../i18n/en.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * A native modal with one heading. It leaves the page again when it closes, and the focus goes back by itself.
 * @param {string} name class and test id
 * @param {string} title
 * @param {(dialog: HTMLDialogElement) => Child[]} fill
 * @returns {HTMLDialogElement}
 */
export function openDialog(name, title, fill) {
  const dialog = h("dialog", { class: `dialog ${name}`, "aria-labelledby": `${name}-title` });
  const cross = h(
    "button",
    { class: "icon-button cross", "aria-label": words.dismiss, onclick: () => dialog.close() },
    icon("close", 18),
  );
  dialog.append(
    h("h2", { id: `${name}-title`, tabindex: "-1", autofocus: true }, title),
    ...asNodes(fill(dialog)),
    cross,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  (document.querySelector("sw-shell") ?? document.body).append(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {HTMLDialogElement} dialog @param {string} label */
export function closeButton(dialog, label) {
  return h("button", { class: "button", type: "button", onclick: () => dialog.close() }, label);
}

/** @param {Child[]} children @returns {(Node | string)[]} */
function asNodes(children) {
  return children
    .filter((child) => child instanceof Node || typeof child === "string")
    .map((child) => /** @type {Node | string} */ (child));
}
