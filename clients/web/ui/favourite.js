import { words } from "../i18n/en.js";
import { h, mark } from "./dom.js";
import { setIcon } from "./icons.js";
import { Part } from "./part.js";
import { toggleFavourite } from "./shelf.js";

/** The heart beside what plays. */
export class Favourite extends Part {
  button = h("button", {
    class: "icon-button heart",
    "aria-keyshortcuts": "F",
    onclick: () => toggleFavourite(this.listening),
  });

  build() {
    this.append(this.button);
  }

  update() {
    const { library, preset, view } = this.listening;
    mark(this.button, "hidden", view === "idle" || !library || !preset || preset.id === "shared");
    if (!library || !preset) return;
    const isOn = library.isFavourite(preset.id);
    mark(this.button, "aria-label", words.favourite(preset.title));
    mark(this.button, "aria-pressed", String(isOn));
    setIcon(this.button, isOn ? "heart-on" : "heart", 18);
  }
}

customElements.define("sw-favourite", Favourite);
