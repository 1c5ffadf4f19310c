import { account } from "../i18n/account.js";
import { RestError } from "../net/rest.js";
import { h, mark, write } from "./dom.js";
import { icon } from "./icons.js";

const { problems } = account;

/** What became of a deed, said aloud: done, or why not, with how long to wait and what to quote. */
export class Outcome {
  line = h("p", { class: "outcome-line" });
  report = h("div", { class: "outcome-report" });
  element = h("div", { class: "outcome", role: "status" }, this.line, this.report);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown = undefined;
  isWaiting = false;

  clear() {
    clearInterval(this.#countdown);
    this.isWaiting = false;
    write(this.line, "");
    mark(this.element, "data-kind", null);
    this.report.replaceChildren();
  }

  /** @param {string} sentence */
  done(sentence) {
    this.#say(sentence, "done", "check");
  }

  /** @param {string} sentence */
  wait(sentence) {
    this.clear();
    this.line.replaceChildren(sentence);
  }

  /** @param {string} sentence */
  refuse(sentence) {
    this.#say(sentence, "failed", "warning");
  }

  /** @param {unknown} error */
  fail(error) {
    this.refuse(sentenceOf(error));
    if (!(error instanceof RestError)) return;
    const { retry_after_s: wait_s, request_id: id } = error.details;
    if (error.status === 429) this.#count(Math.max(1, Number(wait_s ?? 1)));
    else if (error.status >= 500 && typeof id === "string") this.report.append(...requestId(id));
  }

  /** @param {string} sentence @param {"done" | "failed"} kind @param {string} sign */
  #say(sentence, kind, sign) {
    this.clear();
    mark(this.element, "data-kind", kind);
    this.line.replaceChildren(icon(sign, 14), h("span", {}, sentence));
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Said aloud once; the seconds are only written. @param {number} wait_s */
  #count(wait_s) {
    const until_ms = performance.now() + wait_s * 1000;
    const words = /** @type {HTMLElement} */ (this.line.lastElementChild);
    this.isWaiting = true;
    const show = () => {
      const left_s = Math.ceil((until_ms - performance.now()) / 1000);
      mark(this.element, "aria-live", "off");
      if (left_s > 0) write(words, problems.fast(left_s));
      else this.#ready();
    };
    write(words, problems.fast(wait_s));
    this.#countdown = setInterval(show, 1000);
  }

  #ready() {
    this.clear();
    mark(this.element, "aria-live", null);
    this.element.dispatchEvent(new Event("ready"));
  }
}

/** @param {unknown} error */
export function sentenceOf(error) {
  if (!(error instanceof RestError)) return problems.away;
  return error.status >= 500 ? problems.ours : error.message;
}

/** What to quote when asking about it, and a way to take it along. @param {string} id @returns {HTMLElement[]} */
function requestId(id) {
  const copy = h("button", { class: "link", type: "button", "aria-label": problems.copyId }, problems.copy);
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(id);
    write(copy, problems.copied);
  });
  return [h("span", { class: "request" }, problems.request(id)), ...(navigator.clipboard ? [copy] : [])];
}
