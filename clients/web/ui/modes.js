import { later } from "../i18n/later.js";
import { h, mark } from "./dom.js";
import { Part } from "./part.js";
import { keepRaised, raise } from "./segments.js";

/** Presets as buttons of one kind; the one that plays is pressed. */
class PresetButtons extends Part {
  /** @type {HTMLButtonElement[]} */
  buttons = [];
  group = h("div", { role: "group" });

  /** @param {string} name class of a button @param {string} label of the group @param {"segment" | "chip"} place */
  fill(name, label, place) {
    const presets = this.listening.presets.filter((preset) => preset[place]);
    this.buttons = presets.map((preset) =>
      h("button", { class: name, "data-preset": preset.id, onclick: () => this.listening.begin(preset) }, preset.title),
    );
    mark(this.group, "aria-label", label);
    this.group.append(...this.buttons);
    this.append(this.group);
  }

  update() {
    for (const button of this.buttons) mark(button, "aria-pressed", String(button === this.playing));
  }

  get playing() {
    return this.buttons.find((button) => button.dataset.preset === this.listening.preset?.id);
  }
}

/** Focus, Relax, Sleep, Meditate: pressing one changes over to it at once. */
export class Modes extends PresetButtons {
  build() {
    mark(this.group, "class", "segments");
    this.fill("segment", later.modes, "segment");
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    keepRaised(this.group, () => raise(this.group, this.playing), signal);
  }

  update() {
    super.update();
    raise(this.group, this.playing);
  }
}

/** The sounds that have no segment, as chips. */
export class MoreSounds extends PresetButtons {
  build() {
    mark(this.group, "class", "chips");
    this.fill("chip", later.presets, "chip");
  }
}

customElements.define("sw-modes", Modes);
customElements.define("sw-more-sounds", MoreSounds);
