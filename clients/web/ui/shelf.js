import { Library } from "./library.js";
import * as dialogs from "./library-dialog.js";
import "./resume.js";
import { deliverReviews } from "./reviews.js";

export { openStats } from "./stats.js";

/** @typedef {import("./listening.js").Listening} Listening */

/** One's own shelf: fetched once. @param {Listening} listening @returns {Library} */
export function libraryOf(listening) {
  if (listening.library) return listening.library;
  const library = new Library();
  listening.library = library;
  library.addEventListener("change", () => listening.dispatchEvent(new Event("change")));
  library.load();
  deliverReviews();
  return library;
}

/** @param {Listening} listening */
export function openLibrary(listening) {
  dialogs.openLibrary(listening, libraryOf(listening));
}

/** @param {Listening} listening */
export function openSave(listening) {
  dialogs.openSave(listening, libraryOf(listening));
}

/** F. @param {Listening} listening @returns {Promise<boolean | null>} whether it is one now */
export async function toggleFavourite(listening) {
  const { preset, view } = listening;
  if (!preset || view === "idle" || preset.id === "shared") return null;
  const library = libraryOf(listening);
  await library.toggleFavourite(preset.id).catch(() => {});
  return library.isFavourite(preset.id);
}
