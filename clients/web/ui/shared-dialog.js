import { send } from "../net/rest.js";
import { words } from "../i18n/en.js";
import { later } from "../i18n/later.js";
import { closeButton, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { playable } from "./library.js";
import { sharedIn } from "./share.js";

/**
 * Offers the sound that a link brought, once the server has found it sound; nothing plays by itself.
 * @param {import("./listening.js").Listening} listening @param {string} hash
 */
export async function offerShared(listening, hash) {
  const shared = await sharedIn(hash);
  history.replaceState(null, "", location.pathname);
  const program = shared && (await check(shared.program));
  openDialog("shared", shared && program ? shared.title : later.shared.broken, (dialog) => {
    if (!shared || !program) return [h("p", {}, later.shared.brokenLead), closeButton(dialog, words.dismiss)];
    const preset = playable({ ...shared, program }, listening.presets);
    const play = () => {
      dialog.close();
      listening.begin(preset);
    };
    return [
      h("p", {}, later.shared.lead(shared.minutes)),
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button primary", onclick: play }, words.transport.play(shared.title)),
        closeButton(dialog, later.timer.close),
      ),
    ];
  });
}

/** @param {unknown} program @returns {Promise<any>} as the server understands it, or null */
async function check(program) {
  try {
    return (await send("POST", "/api/programs/check", { program })).program;
  } catch {
    return null;
  }
}
