import { later } from "../i18n/later.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { isPlain, setPlain } from "./plain.js";
import { remember, remembered } from "./settings.js";
import { isKeptAwake, keepAwake } from "./wake-lock.js";

/** The keys by screen, and how the page behaves. */
export function openShortcuts() {
  openDialog("shortcuts", later.keys.title, () => [
    ...later.keys.screens.map(([name, rows]) => table(name, rows)),
    toggle(later.keys.letters, remembered("letters", true), (on) => remember("letters", on)),
    toggle(later.keys.plain, isPlain(), setPlain),
    toggle(later.keys.awake, isKeptAwake(), keepAwake),
  ]);
}

/** @param {string} name @param {string[][]} rows key and what it does */
function table(name, rows) {
  const cells = rows.map(([key, what]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, what)));
  return h("table", { class: "keys" }, h("caption", { class: "label" }, name), h("tbody", {}, ...cells));
}

/** @param {string} label @param {boolean} isOn @param {(isOn: boolean) => void} set */
function toggle(label, isOn, set) {
  const input = h("input", { type: "checkbox", role: "switch", onchange: () => set(input.checked) });
  input.checked = isOn;
  return h("label", { class: "switch" }, input, label);
}
