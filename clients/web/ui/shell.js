import { Player } from "../audio/player.js";
import { words } from "../i18n/en.js";
import { Backdrop } from "./backdrop.js";
import { ConnectionState } from "./connection.js";
import { h } from "./dom.js";
import { brand } from "./icons.js";
import { listenToKeys } from "./keyboard.js";
import { fetchShelf, fetchAtFirstMove, offerShared, placeNotices } from "./later.js";
import { Listen } from "./listen.js";
import { Listening } from "./listening.js";
import { restorePlain } from "./plain.js";
import { remembered } from "./settings.js";
import { Transport } from "./transport.js";

/** The frame of the page: header, the screen, the transport; and the one player behind them. */
export class Shell extends HTMLElement {
  player = new Player();
  #life = new AbortController();

  connectedCallback() {
    restorePlain();
    const listening = new Listening(this.player);
    const openLibrary = async () => (await fetchShelf()).openLibrary(listening);
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
          h("button", { class: "link nav", "aria-keyshortcuts": "L", onclick: openLibrary }, words.library),
          ConnectionState.of(listening),
        ),
      ),
      h("main", { id: "main", tabindex: "-1" }, Listen.of(listening)),
      Transport.of(listening),
    );
    listenToKeys(listening, this.#life.signal);
    fetchAtFirstMove(this.player, this.#life.signal);
    placeNotices(this, listening, this.#life.signal);
    listening.load().then(() => offerShared(listening));
    if (remembered("visited", false)) fetchShelf().then(({ libraryOf }) => libraryOf(listening));
  }

  disconnectedCallback() {
    this.#life.abort();
  }
}

customElements.define("sw-shell", Shell);
