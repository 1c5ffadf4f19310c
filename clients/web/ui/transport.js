import { drawBars } from "../draw/bars.js";
import { FrameLoop, isStill } from "../draw/loop.js";
import { onThemeChange, readPalette } from "../draw/palette.js";
import { Surface } from "../draw/surface.js";
import { words } from "../i18n/en.js";
import { h, mark, write } from "./dom.js";
import { clockTime, timeOfDay } from "./format.js";
import { icon, setIcon } from "./icons.js";
import { Part } from "./part.js";
import { isAsleep } from "./asleep.js";
import { Slider } from "./slider.js";
import { openTimer } from "./later.js";

const WIDE = matchMedia("(min-width: 700px)");

/** At the foot, always the same: play, what plays and how long is left; volume and timer. */
export class Transport extends Part {
  play = h("button", {
    class: "disc transport-play",
    "aria-keyshortcuts": "Space",
    onclick: () => this.listening.toggle(),
  });
  what = h("p", { class: "transport-what" });
  when = h("p", { class: "label softer" });
  heart = h("span", { class: "heart-place" });
  bars = new Surface(h("canvas", { class: "bars", "aria-hidden": "true" }));
  mute = h("button", { class: "icon-button", "aria-keyshortcuts": "M", onclick: () => this.listening.toggleMute() });
  volume = new Slider({
    label: words.transport.volume,
    spoken: words.percent,
    oninput: (value) => this.listening.setVolume(value / 100),
  });
  timer = h(
    "button",
    {
      class: "icon-button",
      "aria-label": words.transport.timer,
      "aria-keyshortcuts": "Shift+T",
      "aria-haspopup": "dialog",
      onclick: () => openTimer(this.listening),
    },
    icon("timer", 20),
  );
  loop = new FrameLoop(() => this.#drawBars(), 15);

  build() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", words.transport.region);
    this.append(
      h(
        "div",
        { class: "transport" },
        this.play,
        h("div", { class: "transport-words" }, this.what, this.when),
        this.heart,
        this.bars.canvas,
        h("div", { class: "transport-end" }, this.mute, this.volume.element, this.timer),
      ),
    );
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.palette = readPalette(this);
    onThemeChange(() => (this.palette = readPalette(this)), signal);
    WIDE.addEventListener("change", () => this.update(), { signal });
  }

  update() {
    const { listening } = this;
    const { player, preset, suggested, view } = listening;
    const playing = view === "playing" && listening.state.transport !== "paused";
    const title = (view === "idle" ? suggested : preset)?.title ?? "";
    setIcon(this.play, playing ? "pause" : "play", 20);
    mark(this.play, "aria-label", playing ? words.transport.pause(title) : words.transport.play(title));
    mark(this.play, "disabled", title === "");
    write(
      this.what,
      view === "idle" && listening.state.transport !== "starting" ? words.transport.nothing : (preset?.title ?? ""),
    );
    this.#writeWhen(title);
    setIcon(this.mute, player.muted ? "muted" : "speaker", 20);
    mark(this.mute, "aria-label", words.transport.mute);
    mark(this.mute, "aria-pressed", String(player.muted));
    this.volume.show(Math.round(player.volume * 100));
    mark(this.volume.element, "data-muted", player.muted);
    mark(this.bars.canvas, "hidden", view !== "playing");
    mark(this, "data-view", view);
    this.loop.run(playing && !isStill() && !isAsleep());
  }

  /** @param {string} title */
  #writeWhen(title) {
    const { view, state, ending } = this.listening;
    if (state.transport === "starting") write(this.when, words.transport.starting);
    else if (view === "playing")
      write(
        this.when,
        (state.transport === "paused" ? words.transport.paused : words.transport.left)(
          clockTime(this.listening.remaining_s),
        ),
      );
    else if (view === "ended" && ending) write(this.when, words.transport.ended(timeOfDay(ending.at)));
    else this.#writeInvitation(title);
  }

  /** Space where there is a keyboard; elsewhere what the header has no room for. @param {string} title */
  #writeInvitation(title) {
    const left_s = this.listening.state.limit?.left_s;
    if (WIDE.matches && title !== "") write(this.when, words.transport.space(title));
    else write(this.when, left_s === undefined ? words.transport.choose : words.free(Math.floor(left_s / 60)));
  }

  #drawBars() {
    const ring = /** @type {import("./timer-ring.js").TimerRing | null} */ (document.querySelector("sw-timer-ring"));
    const { canvas, context } = this.bars;
    if (!ring || !this.palette || canvas.clientWidth === 0) return;
    this.bars.resize(canvas.clientWidth, canvas.clientHeight);
    drawBars(context, ring.spectrum.levels, this.bars, this.palette);
  }
}

customElements.define("sw-transport", Transport);
