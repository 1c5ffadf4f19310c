import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { Part } from "./part.js";
import { review } from "./reviews.js";

const LONGEST_NOTE = 500;

/** One to five with words at both ends, and a line for oneself. Each is saved as it is given. */
export class Rating extends Part {
  question = h("legend", {});
  low = h("span", {});
  high = h("span", {});
  outcome = h("p", { class: "small soft", role: "status" });
  choices = [1, 2, 3, 4, 5].map((value) =>
    h("input", { type: "radio", name: "rating", value, onchange: () => this.#give({ rating: value }) }),
  );
  note = h("input", {
    id: "rating-note",
    maxlength: LONGEST_NOTE,
    autocomplete: "off",
    onchange: () => this.#give({ note: this.note.value.trim() }),
  });

  build() {
    const numbers = this.choices.map((input) => h("label", { class: "score" }, input, input.value));
    this.append(
      h(
        "fieldset",
        {},
        this.question,
        h("div", { class: "scores" }, ...numbers),
        h("div", { class: "ends label softer", "aria-hidden": "true" }, this.low, this.high),
      ),
      h(
        "div",
        { class: "field" },
        h("label", { class: "label", for: "rating-note" }, later.rating.note),
        this.note,
      ),
      this.outcome,
    );
  }

  update() {
    const { preset, interrupted } = this.listening;
    const mode = (interrupted ?? preset)?.mode ?? "";
    const [question, low, high] = later.rating.questions[interrupted ? "relax" : mode] ?? later.rating.usual;
    write(this.question, question);
    write(this.low, low);
    write(this.high, high);
    mark(this.choices[0], "aria-label", `1, ${low}`);
    mark(this.choices[4], "aria-label", `5, ${high}`);
  }

  /** @param {import("./reviews.js").Review} said */
  async #give(said) {
    const session = this.listening.ending?.session;
    if (session) write(this.outcome, later.rating[await review(session, said)]);
  }
}

customElements.define("sw-rating", Rating);
