import { LocalSound } from "../audio/local.js";
import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { h, mark, write } from "./dom.js";
import { Part } from "./part.js";

/** Nothing can be fetched: what is so, a try again, and a plain sound that needs no server. */
export class Away extends Part {
  sound = new LocalSound();
  sentence = h("p", { class: "voice" });
  hint = h("p", { class: "soft" }, later.away.hint);
  play = h("button", { class: "button", onclick: () => this.#toggle() });

  build() {
    mark(this, "class", "failure");
    mark(this, "role", "alert");
    const again = h("button", { class: "button", onclick: () => this.listening.load() }, words.retry);
    this.append(this.sentence, this.hint, h("div", { class: "actions" }, again, this.play));
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    signal.addEventListener("abort", () => this.sound.stop());
  }

  update() {
    write(this.sentence, this.listening.state.connection === "offline" ? later.away.offline : words.idle.failed);
    write(this.play, this.sound.isPlaying ? later.away.stop : later.away.play);
    mark(this.play, "hidden", this.listening.state.connection === "unsupported");
    mark(this.hint, "hidden", this.listening.state.connection === "unsupported");
  }

  #toggle() {
    if (this.sound.isPlaying) this.sound.stop();
    else this.sound.start(this.listening.player.volume);
    this.update();
  }
}

customElements.define("sw-away", Away);
