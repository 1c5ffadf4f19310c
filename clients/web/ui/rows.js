import { page } from "../i18n/account-page.js";
import { words } from "../i18n/en.js";
import { h, mark } from "./dom.js";
import { timeOfDay } from "./format.js";
import { Outcome } from "./outcome.js";

/**
 * What the server lists: grey rows until it is there, an error with another try where it does not come.
 * @template T
 */
export class Rows {
  list = h("ul", { class: "rows" });
  outcome = new Outcome();
  element = h("div", { class: "listed" }, this.list, this.outcome.element);

  /** @param {() => Promise<T[]>} fetchAll @param {(one: T) => HTMLElement} rowOf @param {string} [empty] */
  constructor(fetchAll, rowOf, empty = "") {
    this.fetchAll = fetchAll;
    this.rowOf = rowOf;
    this.empty = empty;
    this.load();
  }

  async load() {
    mark(this.element, "data-state", "loading");
    this.list.replaceChildren(h("li", { class: "skeleton", "aria-label": page.loading }));
    try {
      this.show(await this.fetchAll());
    } catch (error) {
      mark(this.element, "data-state", "error");
      this.list.replaceChildren();
      this.outcome.fail(error);
      const again = () => (this.outcome.clear(), this.load());
      this.outcome.report.append(h("button", { class: "link", type: "button", onclick: again }, words.retry));
    }
  }

  /** Something changed elsewhere; what stands here stays until the news is there. */
  async refresh() {
    try {
      this.show(await this.fetchAll());
    } catch {
      // the old state is still the newest that is known
    }
  }

  /** @param {T[]} all */
  show(all) {
    mark(this.element, "data-state", all.length > 0 ? "ready" : "empty");
    this.list.replaceChildren(
      ...(all.length > 0 ? all.map((one) => this.rowOf(one)) : [h("li", { class: "voice" }, this.empty)]),
    );
  }

  /** Does it, says so, and shows what is left. @param {HTMLButtonElement} button @param {() => Promise<string>} deed */
  async change(button, deed) {
    mark(button, "aria-disabled", "true");
    try {
      const done = await deed();
      this.show(await this.fetchAll());
      this.outcome.done(done);
      this.outcome.element.focus();
    } catch (error) {
      mark(button, "aria-disabled", null);
      this.outcome.fail(error);
    }
  }
}

/** @param {number} at unix seconds */
export function dayOf(at) {
  const date = new Date(at * 1000);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...(isThisYear ? {} : { year: "numeric" }) });
}

/** The time of today, else the day. @param {number} at unix seconds */
export function shortTimeOf(at) {
  const date = new Date(at * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? timeOfDay(date) : date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** @param {number} at unix seconds */
export function agoOf(at) {
  const past_s = Date.now() / 1000 - at;
  const format = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
  if (past_s < 90) return "now";
  if (past_s < 5400) return format.format(-Math.round(past_s / 60), "minute");
  if (past_s < 129_600) return format.format(-Math.round(past_s / 3600), "hour");
  return past_s < 2_592_000 ? format.format(-Math.round(past_s / 86_400), "day") : dayOf(at);
}
