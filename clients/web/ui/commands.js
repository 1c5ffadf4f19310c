import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { openPomodoro, openShortcuts, openTimer } from "./later.js";
import { EXTENSION_S } from "./listening.js";
import { isPlain, setPlain } from "./plain.js";
import { openLibrary, openSave, openStats } from "./shelf.js";

/**
 * @typedef {import("./listening.js").Listening} Listening
 * @typedef {{name: string, key?: string, run: () => void}} Command
 */

/** All that can be done now, by name. @param {Listening} listening @returns {Command[]} */
export function commandsOf(listening) {
  const names = later.commands;
  const sounds = listening.presets.map((preset) => ({
    name: words.transport.play(preset.title),
    run: () => void listening.begin(preset),
  }));
  const always = [
    { name: listening.player.muted ? names.unmute : names.mute, key: "M", run: () => listening.toggleMute() },
    { name: names.timer, key: "Shift+T", run: () => openTimer(listening) },
    { name: words.library, key: "L", run: () => openLibrary(listening) },
    { name: later.stats.link, run: () => openStats() },
    { name: later.pomodoro.title, key: "P", run: () => openPomodoro(listening) },
    { name: isPlain() ? names.drawings : names.plain, run: () => setPlain(!isPlain()) },
    { name: names.shortcuts, key: "?", run: () => openShortcuts() },
  ];
  return [...(listening.view === "playing" ? whilePlaying(listening) : []), ...sounds, ...always];
}

/** @param {Listening} listening @returns {Command[]} */
function whilePlaying(listening) {
  const names = later.commands;
  const title = listening.preset?.title ?? "";
  const isPaused = listening.state.transport === "paused";
  return [
    {
      name: isPaused ? words.transport.play(title) : words.transport.pause(title),
      key: later.keys.space,
      run: () => void listening.toggle(),
    },
    { name: names.longer, key: "T", run: () => listening.extend(EXTENSION_S) },
    { name: names.stronger, key: "→", run: () => listening.nudgeIntensity(1) },
    { name: names.gentler, key: "←", run: () => listening.nudgeIntensity(-1) },
    { name: later.library.keep, key: "S", run: () => openSave(listening) },
    { name: names.end, run: () => listening.finish() },
  ];
}
