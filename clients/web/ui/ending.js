import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { headingOf } from "./announcer.js";
import { h, mark, write } from "./dom.js";
import { clockTime, timeOfDay } from "./format.js";
import { goOn } from "./going-on.js";
import { icon } from "./icons.js";
import { fetchDoor } from "./later.js";
import { Part } from "./part.js";
import { Rating } from "./rating.js";
import { SessionRings } from "./session-rings.js";
import { openSave, openStats } from "./shelf.js";

const BREAK_MIN = 5;

/** @typedef {import("./listening.js").Ending["kind"]} Kind */

/** The kinds that say something about the sound and not about the machine. @type {Kind[]} */
const RATED = ["whole", "stopped", "limit"];

/** After the last frame: what was heard, how it was, and the next thing to press. */
export class Ending extends Part {
  heard = h("p", { class: "heard soft" }, icon("check", 17), h("span", {}));
  heading = h("h1", { class: "display", tabindex: "-1" });
  voice = h("p", { class: "voice soft" });
  rating = new Rating();
  again = h("button", { class: "button primary", onclick: () => this.#again() });
  rest = h(
    "button",
    { class: "button", onclick: () => this.listening.rest(BREAK_MIN) },
    icon("rain", 18),
    later.ended.rest(BREAK_MIN),
  );
  other = h("button", { class: "button quiet", onclick: () => this.listening.leave() });
  keep = h("button", { class: "link", onclick: () => openSave(this.listening) }, later.library.keep);
  intensity = h("span", { class: "figure" });
  dropouts = h("span", { class: "figure" });

  build() {
    this.lend(this.rating);
    this.append(
      h("div", { class: "stage" }, SessionRings.of(this.listening)),
      h(
        "section",
        { class: "ending-words" },
        this.heard,
        this.heading,
        this.voice,
        this.rating,
        h("div", { class: "actions" }, this.again, this.rest, this.other),
        h("hr", { class: "rule" }),
        h(
          "div",
          { class: "small ending-facts" },
          h("span", {}, later.ended.intensity, " ", this.intensity),
          h("span", {}, later.ended.dropouts, " ", this.dropouts),
          h(
            "span",
            { class: "ending-links" },
            this.keep,
            h("button", { class: "link", onclick: () => openStats() }, later.stats.link),
          ),
        ),
      ),
    );
  }

  /** What was taken away is taken back; all else begins anew. */
  #again() {
    const { ending } = this.listening;
    if (ending?.kind === "limit") fetchDoor().then(({ openUpgrade }) => openUpgrade(this.listening, "listening_time"));
    else if (ending?.kind === "taken" && ending.session) goOn(this.listening, ending.session).catch(() => this.listening.toggle());
    else this.listening.toggle();
  }

  update() {
    const { ending, preset, interrupted, course, state } = this.listening;
    if (!ending) return;
    const { kind } = ending;
    const isRated = RATED.includes(kind) && ending.session !== null;
    mark(this, "data-kind", kind);
    write(
      /** @type {Node} */ (this.heard.lastChild),
      later.ended.of(clockTime(Math.floor(ending.heard_s)), clockTime(ending.planned_s)),
    );
    write(this.heading, headingOf(ending));
    write(this.voice, voiceOf(kind, state.limit?.resets_at));
    mark(this.rating, "hidden", !isRated);
    mark(this.keep, "hidden", ending.session === null);
    write(this.again, interrupted ? later.ended.back(interrupted.title) : nextOf(kind, preset?.minutes ?? 0));
    mark(this.rest, "hidden", interrupted !== null || !["whole", "stopped"].includes(kind));
    write(this.other, isRated ? later.ended.skip : later.ended.other);
    write(this.intensity, words.percent(course.mean));
    write(this.dropouts, String(state.dropouts));
  }
}

/** @param {Kind} kind @param {number | undefined} resets_at seconds since 1970 */
function voiceOf(kind, resets_at) {
  if (kind === "limit") return later.ended.limitVoice(resets_at ? timeOfDay(new Date(resets_at * 1000)) : "00:00");
  if (kind === "taken") return later.ended.takenVoice;
  return kind === "failed" ? later.ended.failedVoice : later.ended.rings;
}

/** @param {Kind} kind @param {number} minutes */
function nextOf(kind, minutes) {
  if (kind === "taken") return later.ended.here;
  if (kind === "limit") return later.ended.offer;
  return kind === "failed" ? later.ended.restart : later.ended.again(Math.max(1, Math.round(minutes)));
}

customElements.define("sw-ending", Ending);
