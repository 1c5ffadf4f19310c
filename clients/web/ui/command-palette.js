import { later } from "../i18n/later.js";
import { commandsOf } from "./commands.js";
import { openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";

/** @typedef {import("./commands.js").Command} Command */

/** Everything by its name: type a part of it, Enter does it. @param {import("./listening.js").Listening} listening */
export function openCommands(listening) {
  const palette = new CommandPalette(commandsOf(listening));
  openDialog("commands", later.commands.title, (dialog) => palette.build(dialog));
  palette.input.focus();
}

class CommandPalette {
  input = h("input", {
    id: "command",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "command-list",
    "aria-autocomplete": "list",
    autocomplete: "off",
    oninput: () => this.#filter(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  list = h("ul", { id: "command-list", role: "listbox", "aria-label": later.commands.title });
  count = h("p", { class: "small softer", role: "status" });
  /** @type {Command[]} */
  #found = [];
  #at = 0;

  /** @param {Command[]} commands */
  constructor(commands) {
    this.commands = commands;
  }

  /** @param {HTMLDialogElement} dialog */
  build(dialog) {
    this.dialog = dialog;
    this.#filter();
    return [
      h("div", { class: "field" }, h("label", { class: "label", for: "command" }, later.commands.label), this.input),
      this.list,
      this.count,
    ];
  }

  #filter() {
    const parts = this.input.value.toLowerCase().split(/\s+/);
    this.#found = this.commands.filter(({ name }) => parts.every((part) => name.toLowerCase().includes(part)));
    const options = this.#found.map((command, i) =>
      h(
        "li",
        { role: "option", id: `command-${i}`, class: "command", onclick: () => this.#run(command) },
        h("span", {}, command.name),
        command.key && h("kbd", {}, command.key),
      ),
    );
    this.list.replaceChildren(...options);
    mark(this.list, "hidden", options.length === 0);
    write(this.count, later.commands.count(options.length));
    this.#choose(0);
  }

  /** @param {number} at */
  #choose(at) {
    this.#at = at;
    [...this.list.children].forEach((option, i) => mark(option, "aria-selected", String(i === at)));
    mark(this.input, "aria-activedescendant", this.#found.length > 0 ? `command-${at}` : null);
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { length } = this.#found;
    if (length === 0) return;
    if (event.key === "ArrowDown") this.#choose((this.#at + 1) % length);
    else if (event.key === "ArrowUp") this.#choose((this.#at + length - 1) % length);
    else if (event.key === "Enter") this.#run(this.#found[this.#at]);
    else return;
    event.preventDefault();
  }

  /** @param {Command} command */
  #run(command) {
    this.dialog?.close();
    command.run();
  }
}
