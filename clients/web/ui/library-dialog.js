import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { openDialog } from "./dialog.js";
import { h, mark, write } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { playable } from "./library.js";
import { openPomodoro, openShortcuts } from "./later.js";
import "./later-icons.js";
import { linkTo } from "./share.js";
import { openStats } from "./stats.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {import("./listening.js").Preset} Preset
 * @typedef {import("./library.js").OwnPreset} OwnPreset
 * @typedef {import("./library.js").Library} Library
 */

/** All sounds, one's own first; what is found by name and mode. @param {Listening} listening @param {Library} library */
export function openLibrary(listening, library) {
  const shelf = new ShelfView(listening, library);
  openDialog("library", later.library.title, (dialog) => shelf.build(dialog));
}

/** Keeps the sound that plays, or that has just ended, under a name. @param {Listening} listening @param {Library} library */
export function openSave(listening, library) {
  const session = listening.state.session ?? listening.ending?.session;
  const { preset } = listening;
  if (!session || !preset) return;
  openDialog("save", later.library.saveTitle, (dialog) => {
    const name = h("input", { id: "save-name", maxlength: 60, required: true, value: preset.title });
    const problem = h("p", { class: "problem", role: "status" });
    const save = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      try {
        const program = await listening.sound();
        await library.save({ title: name.value.trim(), minutes: Math.max(1, Math.round(preset.minutes)), program });
        dialog.close();
      } catch {
        write(problem, later.library.failed);
      }
    };
    return [
      h(
        "form",
        { class: "timer-form", onsubmit: save },
        h("div", { class: "field" }, h("label", { class: "label", for: "save-name" }, later.library.name), name),
        problem,
        h("div", { class: "actions" }, h("button", { class: "button primary", type: "submit" }, later.library.save)),
      ),
    ];
  });
}

class ShelfView {
  search = h("input", { id: "library-search", type: "search", oninput: () => this.#show() });
  mode = h("select", { id: "library-mode", onchange: () => this.#show() });
  list = h("ul", { class: "shelf" });
  outcome = h("p", { class: "small soft", role: "status" });

  /** @param {Listening} listening @param {Library} library */
  constructor(listening, library) {
    this.listening = listening;
    this.library = library;
    const modes = [...new Set(listening.presets.map(({ mode }) => mode))];
    this.mode.append(
      h("option", { value: "" }, later.library.all),
      h("option", { value: "♥" }, later.library.favourites),
      ...modes.map((mode) => h("option", { value: mode }, later.library.modes[mode] ?? mode)),
    );
  }

  /** @param {HTMLDialogElement} dialog */
  build(dialog) {
    const life = new AbortController();
    this.dialog = dialog;
    dialog.addEventListener("close", () => life.abort());
    this.library.addEventListener("change", () => this.#show(), { signal: life.signal });
    this.#show();
    return [
      this.#links(),
      h(
        "div",
        { class: "pair" },
        field("library-search", later.library.search, this.search),
        field("library-mode", later.library.mode, this.mode),
      ),
      this.library.isStale && h("p", { class: "small soft" }, later.library.stale),
      this.outcome,
      this.list,
    ];
  }

  /** Where the keyboard has letters and a finger has nothing. */
  #links() {
    const link = (/** @type {string} */ name, /** @type {() => void} */ open) =>
      h("button", { class: "link", onclick: () => (this.dialog?.close(), open()) }, name);
    return h(
      "p",
      { class: "library-links" },
      link(later.stats.link, openStats),
      link(later.pomodoro.title, () => openPomodoro(this.listening)),
      link(later.keys.all, openShortcuts),
    );
  }

  #show() {
    const { own } = this.library.shelf;
    const rows = [
      ...own.map((one) => ({ preset: playable(one, this.listening.presets), own: one })),
      ...this.listening.presets.map((preset) => ({ preset, own: null })),
    ].filter(({ preset }) => this.#isWanted(preset));
    const hint = this.mode.value === "♥" ? later.library.noFavourites : later.library.nothing;
    this.list.replaceChildren(
      ...rows.map(({ preset, own: one }) => this.#row(preset, one)),
      ...(rows.length === 0 ? [h("li", { class: "voice" }, hint)] : []),
    );
  }

  /** @param {Preset} preset */
  #isWanted({ id, title, mode }) {
    if (!title.toLowerCase().includes(this.search.value.trim().toLowerCase())) return false;
    if (this.mode.value === "♥") return this.library.isFavourite(id);
    return this.mode.value === "" || this.mode.value === mode;
  }

  /** @param {Preset} preset @param {OwnPreset | null} own */
  #row(preset, own) {
    const play = () => {
      this.dialog?.close();
      this.listening.begin(preset);
    };
    return h(
      "li",
      { class: "shelf-row", "data-own": own?.id },
      heart(this.library, preset),
      h("button", { class: "shelf-name", onclick: play }, preset.title),
      h("span", { class: "small softer" }, `${later.library.modes[preset.mode] ?? preset.mode} · ${words.minutes(preset.minutes)}`),
      own && h("span", { class: "shelf-tools" }, ...this.#tools(own)),
    );
  }

  /** @param {OwnPreset} own */
  #tools(own) {
    const { library } = this;
    const tools = later.library.tools(own.title);
    return [
      tool("up", tools.up, () => this.#do(library.move(own, -1))),
      tool("down", tools.down, () => this.#do(library.move(own, 1))),
      tool("pen", tools.rename, () => this.#rename(own)),
      tool("link", tools.share, () => this.#share(own)),
      tool("close", tools.remove, () => this.#do(library.remove(own), later.library.removed(own.title))),
    ];
  }

  /** The name becomes a field in its place. @param {OwnPreset} own */
  #rename(own) {
    const name = h("input", { "aria-label": later.library.name, maxlength: 60, value: own.title, class: "rename" });
    const finish = () => name.value.trim() && this.#do(this.library.rename(own, name.value.trim()), later.library.renamed);
    name.addEventListener("keydown", (event) => {
      if (event.key === "Enter") finish();
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#show();
    });
    this.list.querySelector(`[data-own="${own.id}"] .shelf-name`)?.replaceWith(name);
    name.select();
  }

  /** @param {OwnPreset} own */
  async #share(own) {
    const link = await linkTo(own);
    if (navigator.clipboard) await this.#do(navigator.clipboard.writeText(link), later.library.copied);
    else this.#showLink(link);
  }

  /** Over plain HTTP a browser lends no clipboard. @param {string} link */
  #showLink(link) {
    const field = h("input", { class: "rename", readonly: true, "aria-label": later.library.link, value: link });
    this.outcome.replaceChildren(later.library.link, " ", field);
    field.select();
  }

  /** @param {Promise<unknown>} deed @param {string} [done] */
  async #do(deed, done = "") {
    try {
      await deed;
      write(this.outcome, done);
    } catch {
      write(this.outcome, later.library.failed);
    }
  }
}

/** @param {Library} library @param {Preset} preset */
export function heart(library, preset) {
  const button = h("button", { class: "icon-button heart", "aria-label": later.library.favourite(preset.title) });
  const show = () => {
    const isOn = library.isFavourite(preset.id);
    mark(button, "aria-pressed", String(isOn));
    setIcon(button, isOn ? "heart-on" : "heart", 18);
  };
  button.addEventListener("click", () => library.toggleFavourite(preset.id).catch(() => {}).then(show));
  show();
  return button;
}

/** @param {string} name @param {string} label @param {() => void} onclick */
function tool(name, label, onclick) {
  return h("button", { class: "icon-button", "aria-label": label, title: label, onclick }, icon(name, 16));
}

/** @param {string} id @param {string} label @param {HTMLElement} control */
function field(id, label, control) {
  return h("div", { class: "field" }, h("label", { class: "label", for: id }, label), control);
}
