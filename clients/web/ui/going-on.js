import { get } from "../net/rest.js";
import { playable } from "./library.js";

/**
 * Goes on here with a listening as it came to sound: one that was left, or one that plays on another device and ends there.
 * @param {import("./listening.js").Listening} listening @param {string} session
 */
export async function goOn(listening, session) {
  const { presets } = listening;
  const { title, mode, preset: id, program, planned_s, heard_s, ended_at } = await get(`/api/listening/sessions/${session}`);
  const minutes = (planned_s - heard_s) / 60;
  const known = presets.find((preset) => preset.id === id) ?? presets.find((preset) => preset.mode === mode) ?? presets[0];
  // an older engine's sound is not kept: what it was made from begins again
  const preset = program ? playable({ id: known.id === id ? id : undefined, title, mode, minutes, program }, presets) : { ...known, minutes };
  await listening.begin(preset, ended_at === null ? { take: session } : {});
}
