import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, write } from "./dom.js";
import { endsAt } from "./format.js";
import { icon } from "./icons.js";
import { EXTENSION_S } from "./listening.js";
import { openPomodoro } from "./later.js";
import { Part } from "./part.js";

/** The bar of facts: how long, when it ends, how it fades; each opens the timer. */
export class TimerFacts extends Part {
  length = h("span", {});
  ends = h("span", { class: "softer" });
  fade = h("span", { class: "soft" });
  pomodoro = h("button", { class: "fact", "aria-keyshortcuts": "P", onclick: () => openPomodoro(this.listening) });
  /** @type {() => void} */
  ontimer = () => {};

  build() {
    const open = () => this.ontimer();
    this.append(
      h(
        "div",
        { class: "facts", role: "group", "aria-label": later.facts.region },
        h("button", { class: "fact", onclick: open }, icon("timer", 17), this.length, this.ends),
        h("p", { class: "fact" }, later.facts.fade, " ", this.fade),
        h(
          "button",
          { class: "fact", "aria-keyshortcuts": "T", onclick: () => this.listening.extend(EXTENSION_S) },
          icon("plus", 14),
          later.facts.more,
        ),
        this.pomodoro,
      ),
    );
  }

  update() {
    const { duration_s, remaining_s, state } = this.listening;
    write(this.length, words.minutes(Math.round(duration_s / 60)));
    write(this.ends, state.transport === "paused" ? later.facts.paused : later.facts.ends(endsAt(remaining_s)));
    write(this.pomodoro, this.listening.pomodoro?.words ?? later.pomodoro.title);
    write(this.fade, words.seconds(this.listening.timer.fade_s));
  }
}

customElements.define("sw-timer-facts", TimerFacts);
