import { get, send } from "../net/rest.js";
import { remember, remembered } from "./settings.js";

/**
 * @typedef {import("./listening.js").Preset} Preset
 * @typedef {{id: string, title: string, mode: string, genre: string, effect: string, minutes: number, program: any}} OwnPreset
 * @typedef {{session: string, title: string, mode: string, preset: string | null, device: string, left_s: number, started_at: number, ended_at: number | null}} Resume
 * @typedef {{own: OwnPreset[], favourites: string[], resume: Resume | null}} Shelf
 */

/** @type {Shelf} */
const EMPTY = { own: [], favourites: [], resume: null };

/** One's own sounds, the favourites, and what was left unfinished; the last known ones where nobody answers. Fires "change". */
export class Library extends EventTarget {
  /** @type {Shelf} */
  shelf = remembered("library", EMPTY);
  isStale = true;
  /** What is changed waits for it, so that no older answer undoes a change. @type {Promise<void>} */
  #loading = Promise.resolve();

  /** Resolves once the newest answer is there. */
  get loaded() {
    return this.#loading;
  }

  load() {
    this.#loading = this.#fetch();
    return this.#loading;
  }

  async #fetch() {
    try {
      this.#keep(await get("/api/library"));
      this.isStale = false;
    } catch {
      this.isStale = true;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} preset */
  isFavourite(preset) {
    return this.shelf.favourites.includes(preset);
  }

  /** Shown at once; taken back where the server refuses. @param {string} preset */
  async toggleFavourite(preset) {
    await this.#loading;
    const before = this.shelf.favourites;
    const isOn = this.isFavourite(preset);
    this.#keep({ ...this.shelf, favourites: isOn ? before.filter((id) => id !== preset) : [preset, ...before] });
    try {
      await send(isOn ? "DELETE" : "PUT", `/api/favourites/${preset}`);
    } catch (error) {
      this.#keep({ ...this.shelf, favourites: before });
      throw error;
    }
  }

  /** @param {{title: string, minutes: number, program: any}} preset */
  async save(preset) {
    await this.#loading;
    /** @type {OwnPreset} */
    const saved = await send("POST", "/api/presets", preset);
    this.#keep({ ...this.shelf, own: [...this.shelf.own, saved] });
    return saved;
  }

  /** @param {OwnPreset} preset @param {string} title */
  async rename({ id, minutes }, title) {
    await this.#loading;
    const renamed = await send("PUT", `/api/presets/${id}`, { title, minutes });
    this.#keep({ ...this.shelf, own: this.shelf.own.map((one) => (one.id === id ? renamed : one)) });
  }

  /** @param {OwnPreset} preset */
  async remove({ id }) {
    await this.#loading;
    await send("DELETE", `/api/presets/${id}`);
    const { own, favourites } = this.shelf;
    this.#keep({
      ...this.shelf,
      own: own.filter((one) => one.id !== id),
      favourites: favourites.filter((one) => one !== id),
    });
  }

  /** One place up or down. @param {OwnPreset} preset @param {1 | -1} by */
  async move({ id }, by) {
    await this.#loading;
    const ids = this.shelf.own.map((one) => one.id);
    const from = ids.indexOf(id);
    const to = from + by;
    if (to < 0 || to >= ids.length) return;
    [ids[from], ids[to]] = [ids[to], ids[from]];
    const { own } = await send("PUT", "/api/presets", { ids });
    this.#keep({ ...this.shelf, own });
  }

  /** @param {Shelf} shelf */
  #keep(shelf) {
    this.shelf = shelf;
    remember("library", shelf);
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * An own sound as the screen plays it: words and evidence come from the built-in one of its mode.
 * @param {Pick<OwnPreset, "title" | "mode" | "minutes" | "program"> & {id?: string}} own @param {Preset[]} presets @returns {Preset}
 */
export function playable({ id = "shared", title, mode, minutes, program }, presets) {
  const like = presets.find((preset) => preset.id === id) ?? presets.find((preset) => preset.mode === mode) ?? presets[0];
  const { depth } = program.modulation ?? {};
  const known = new Map(presets.flatMap(({ layers }) => layers).map((layer) => [layer.id, layer]));
  const layers = Object.entries(program.layers)
    .filter(([, { kind }]) => ["bed", "texture", "noise"].includes(kind))
    .map(([layer, { level }]) => ({
      id: layer,
      label: known.get(layer)?.label ?? layer,
      icon: known.get(layer)?.icon ?? "wave",
      address: `${layer}.level`,
      level,
    }));
  const intensity = typeof depth === "number" ? depth : like.intensity;
  return { ...like, id, title, minutes, program, layers, intensity, isOwn: true };
}
