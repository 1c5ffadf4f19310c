import { account } from "../i18n/account.js";

/** What comes along with who signs up or logs in, in one sentence. @param {import("./listening.js").Listening} listening */
export function along({ library, view }) {
  const { own, favourites } = library?.shelf ?? { own: [], favourites: [] };
  const owned = [];
  if (own.length === 1) owned.push(account.along.preset(own[0].title));
  else if (own.length > 1) owned.push(account.along.presets(own.length));
  if (favourites.length > 0) owned.push(account.along.favourites);
  return account.along.sentence(owned, view === "playing");
}
