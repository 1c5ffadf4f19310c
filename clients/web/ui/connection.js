import { words } from "../i18n/en.js";
import { h, mark, write } from "./dom.js";
import { Part } from "./part.js";

/** Header, right: how the line is, as a shape and a word, and the minutes that are left today. */
export class ConnectionState extends Part {
  word = h("span", {});
  status = h("span", { class: "connection" }, h("span", { class: "signal", "aria-hidden": "true" }), this.word);
  allowance = h("span", { class: "allowance" });

  build() {
    this.append(this.status, this.allowance);
  }

  update() {
    const { connection, attempt, buffered_s, limit } = this.listening.state;
    mark(this.status, "data-connection", connection);
    write(this.word, describe(connection, attempt, buffered_s));
    mark(this.allowance, "hidden", limit?.left_s === undefined);
    write(this.allowance, words.allowance(Math.floor((limit?.left_s ?? 0) / 60)));
  }
}

/** @param {keyof typeof words.connection} connection @param {number} attempt @param {number} buffered_s @returns {string} */
function describe(connection, attempt, buffered_s) {
  const word = words.connection[connection];
  return typeof word === "string" ? word : word(connection === "reconnecting" ? attempt : buffered_s);
}

customElements.define("sw-connection", ConnectionState);
