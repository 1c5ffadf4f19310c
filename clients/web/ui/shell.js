import { Player } from "../audio/player.js";
import { words } from "../i18n/en.js";
import { Backdrop } from "./backdrop.js";
import { ConnectionState } from "./connection.js";
import { h } from "./dom.js";
import { brand, icon } from "./icons.js";
import { listenToKeys } from "./keyboard.js";
import { enter, fetchShelf, fetchAtFirstMove, offerShared, openAuth, placeNotices } from "./later.js";
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
          h("a", { class: "brand", href: "#" }, brand(24), words.brand),
          h("button", { class: "link nav", "aria-keyshortcuts": "L", onclick: openLibrary }, words.library),
          ConnectionState.of(listening),
          doorOf(listening),
        ),
      ),
      h("main", { id: "main", tabindex: "-1" }, Listen.of(listening)),
      Transport.of(listening),
    );
    listenToKeys(listening, this.#life.signal);
    fetchAtFirstMove(this.player, this.#life.signal);
    placeNotices(this, listening, this.#life.signal);
    this.#begin(listening);
  }

  /** Nothing is asked before it is known who is here. @param {Listening} listening */
  async #begin(listening) {
    const goWhereTheAddressSays = await enter(listening, this.#life.signal);
    this.player.connect();
    listening.load().then(() => offerShared(listening));
    if (remembered("visited", false)) fetchShelf().then(({ libraryOf }) => libraryOf(listening));
    goWhereTheAddressSays();
  }

  disconnectedCallback() {
    this.#life.abort();
  }
}

/** The way in; who was here before is not asked to come in while they do. @param {Listening} listening */
function doorOf(listening) {
  const signIn = { class: "button compact", "aria-haspopup": "dialog", onclick: () => openAuth(listening) };
  return h(
    "div",
    { class: "door", "data-awaits": remembered("login", false) },
    h("button", signIn, icon("user", 20), h("span", {}, words.signIn)),
  );
}

customElements.define("sw-shell", Shell);
