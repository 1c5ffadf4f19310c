import { Player } from "../audio/player.js";
import { words } from "../i18n/en.js";
import { Announcer } from "./announcer.js";
import { Backdrop } from "./backdrop.js";
import { Banner } from "./banner.js";
import { ConnectionState } from "./connection.js";
import { h } from "./dom.js";
import { brand } from "./icons.js";
import { listenToKeys } from "./keyboard.js";
import { fetchWhenNear } from "./later.js";
import { Listen } from "./listen.js";
import { Listening } from "./listening.js";
import { dimInSleep } from "./sleep.js";
import { Toast } from "./toast.js";
import { Transport } from "./transport.js";

/** The frame of the page: header, the screen, the transport; and the one player behind them. */
export class Shell extends HTMLElement {
  player = new Player();
  #life = new AbortController();

  connectedCallback() {
    const listening = new Listening(this.player);
    const announcer = Announcer.of(listening);
    this.append(
      h("a", { class: "skip", href: "#main" }, words.skip),
      Backdrop.of(listening),
      h(
        "header",
        { class: "header" },
        h(
          "div",
          { class: "header-row" },
          h("p", { class: "brand" }, brand(24), words.brand),
          ConnectionState.of(listening),
        ),
      ),
      Banner.of(listening),
      h("main", { id: "main", tabindex: "-1" }, Listen.of(listening)),
      Transport.of(listening),
      Toast.of(listening),
      announcer,
    );
    listenToKeys(listening, announcer, this.#life.signal);
    dimInSleep(listening, this.#life.signal);
    fetchWhenNear(this.#life.signal);
    listening.load();
  }

  disconnectedCallback() {
    this.#life.abort();
  }
}

customElements.define("sw-shell", Shell);
