import { announcerOf } from "./announcer.js";
import { Banner } from "./banner.js";
import { dimInSleep } from "./sleep.js";
import { Toast } from "./toast.js";

/**
 * The places for what needs the person, a line under the header and a sentence above the transport; the voice; and the
 * dark of sleep, which hides both places.
 * @param {HTMLElement} shell @param {import("./listening.js").Listening} listening @param {AbortSignal} signal
 */
export function placeNotices(shell, listening, signal) {
  shell.querySelector("header")?.after(Banner.of(listening));
  shell.append(Toast.of(listening));
  announcerOf(listening);
  dimInSleep(listening, signal);
}
