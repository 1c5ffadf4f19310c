import { get } from "../net/rest.js";
import { later } from "../i18n/later.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

/**
 * @typedef {{date: string, sessions: number, heard_s: number}} Day
 * @typedef {{mode: string, sessions: number, heard_s: number, success_share: number | null, rating: number | null}} ModeRow
 * @typedef {{text: string, modes: ModeRow[], week: {days: Day[]}, dose: {share: number, note: string}}} Stats
 */

/** A day of less than this does not fill the height. */
const LEAST_FULL_S = 1200;

/** What was heard this week: a sentence, bars with their numbers, and the same as a table. */
export async function openStats() {
  const place = h("div", { class: "stats", "aria-busy": "true" }, h("p", { class: "soft" }, later.stats.loading));
  openDialog("stats-dialog", later.stats.title, () => [place]);
  try {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    place.replaceChildren(...shown(await get(`/api/stats?zone=${encodeURIComponent(zone)}`)));
  } catch {
    place.replaceChildren(h("p", { class: "voice", role: "alert" }, later.stats.failed));
  }
  place.setAttribute("aria-busy", "false");
}

/** @param {Stats} stats @returns {Node[]} */
function shown({ text, modes, week, dose }) {
  const table = dayTable(week.days);
  table.hidden = true;
  const toggle = h(
    "button",
    {
      class: "link",
      "aria-expanded": "false",
      onclick: () => {
        table.hidden = !table.hidden;
        toggle.setAttribute("aria-expanded", String(!table.hidden));
      },
    },
    later.stats.table,
  );
  return [
    h("p", { class: "voice" }, text),
    bars(week.days),
    toggle,
    table,
    ...(modes.length > 0 ? [modeTable(modes)] : []),
    h("h3", { class: "label" }, later.stats.dose),
    h("p", {}, later.stats.share(dose.share)),
    h("p", { class: "small soft" }, dose.note),
  ];
}

/** @param {Day[]} days */
function bars(days) {
  const most = Math.max(LEAST_FULL_S, ...days.map(({ heard_s }) => heard_s));
  const columns = days.map(({ date, heard_s }) => {
    const bar = h("span", { class: isToday(date) ? "bar today" : "bar" });
    bar.style.height = `${Math.round((heard_s / most) * 100)}px`;
    return h("div", { class: "day" }, h("span", { class: "small" }, later.stats.short(heard_s)), bar, h("span", { class: "small softer" }, weekday(date)));
  });
  return h("div", { class: "week", "aria-hidden": "true" }, ...columns);
}

/** @param {Day[]} days */
function dayTable(days) {
  const rows = days.map(({ date, sessions, heard_s }) => [weekday(date), String(sessions), later.stats.long(heard_s)]);
  return table(later.stats.week, [later.stats.day, later.stats.sessions, later.stats.heard], rows);
}

/** @param {ModeRow[]} modes */
function modeTable(modes) {
  const rows = modes.map(({ mode, sessions, heard_s, rating }) => [
    later.library.modes[mode] ?? mode,
    String(sessions),
    later.stats.long(heard_s),
    rating === null ? "–" : rating.toFixed(1),
  ]);
  return table(later.stats.modes, [later.library.mode, later.stats.sessions, later.stats.heard, later.stats.rating], rows);
}

/** @param {string} caption @param {string[]} heads @param {string[][]} rows */
function table(caption, heads, rows) {
  return h(
    "table",
    { class: "figures" },
    h("caption", { class: "label" }, caption),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))),
      ),
    ),
  );
}

/** @param {string} date `2026-11-16` */
const weekday = (date) => new Date(`${date}T12:00:00`).toLocaleDateString("en-GB", { weekday: "short" });

/** @param {string} date */
const isToday = (date) => new Date(`${date}T12:00:00`).toDateString() === new Date().toDateString();
