import { remembered } from "./settings.js";

/**
 * What the first page does not show is fetched when a hand comes near, and all of it by the time that sound plays:
 * from then on nothing needs the connection.
 *
 * @typedef {import("./listening.js").Listening} Listening
 */

export const fetchSession = () => import("./session.js");
export const fetchEnding = () => import("./ending.js");
export const fetchGoingOn = () => import("./going-on.js");
const fetchTimer = () => import("./timer-dialog.js");
const fetchShortcuts = () => import("./shortcuts.js");
const fetchPomodoro = () => import("./pomodoro.js");
const fetchCommands = () => import("./command-palette.js");

/** @param {Listening} listening */
export async function openTimer(listening) {
  const { openTimer: open } = await fetchTimer();
  open(listening);
}

export async function openShortcuts() {
  const { openShortcuts: open } = await fetchShortcuts();
  open();
}

/** @param {Listening} listening */
export async function openPomodoro(listening) {
  const { openPomodoro: open } = await fetchPomodoro();
  open(listening);
}

/** One's own sounds, favourites and figures. */
export const fetchShelf = () => import("./shelf.js");

/** What a link brought. @param {Listening} listening */
export async function offerShared(listening) {
  const { hash } = location;
  if (!hash.startsWith("#sound=")) return;
  const { offerShared: offer } = await import("./shared-dialog.js");
  offer(listening, hash);
}

export const fetchDoor = () => import("./door.js");
/** What the door knows what to do with. */
const DOORS = /^#(account|verify|reset|forgot|paid|unpaid)/;

/** Sign up or log in. @param {Listening} listening */
export async function openAuth(listening) {
  (await fetchDoor()).openAuth(listening);
}

/**
 * Who was logged in here is so again before anything is asked; a guest's page fetches none of it.
 * @param {Listening} listening @param {AbortSignal} signal
 */
export async function enter(listening, signal) {
  if (remembered("login", false)) await (await fetchDoor()).enter(listening);
  const go = async () => DOORS.test(location.hash) && (await fetchDoor()).go(listening);
  addEventListener("hashchange", go, { signal });
  return go;
}

/** @param {Listening} listening */
export async function openCommands(listening) {
  const { openCommands: open } = await fetchCommands();
  open(listening);
}

/**
 * The first move of a hand is sign enough: by the time of its press everything is there.
 * @param {import("../audio/player.js").Player} player @param {AbortSignal} signal
 */
export function fetchAtFirstMove(player, signal) {
  const moved = new AbortController();
  const fetchNow = () => {
    moved.abort();
    player.prepare();
    fetchSession();
  };
  for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) {
    addEventListener(type, fetchNow, { signal: AbortSignal.any([signal, moved.signal]), passive: true });
  }
}

/**
 * Notices have their place once there is one, or once sound begins.
 * @param {HTMLElement} shell @param {Listening} listening @param {AbortSignal} signal
 */
export function placeNotices(shell, listening, signal) {
  let isPlaced = false;
  const look = async () => {
    const { error, connection, transport } = listening.state;
    const isCalm = !error && transport === "idle" && (connection === "connecting" || connection === "connected");
    if (isPlaced || (isCalm && !listening.hasFailed)) return;
    isPlaced = true;
    const { placeNotices: place } = await import("./notices.js");
    if (!signal.aborted) place(shell, listening, signal);
  };
  listening.addEventListener("change", look, { signal });
  look();
}

/** @param {Listening} listening */
export const fetchAnnouncer = async (listening) => (await import("./announcer.js")).announcerOf(listening);

/** @param {Listening} listening */
export const fetchAway = async (listening) => (await import("./away.js")).Away.of(listening);

/** Once sound plays. @param {Listening} listening */
export async function fetchRest(listening) {
  fetchEnding();
  fetchGoingOn();
  fetchTimer();
  fetchShortcuts();
  fetchCommands();
  fetchPomodoro();
  (await fetchShelf()).libraryOf(listening);
  const place = document.querySelector(".heart-place");
  if (place) place.replaceWith((await import("./favourite.js")).Favourite.of(listening));
  (await import("./wake-lock.js")).followSound(listening);
  (await import("./keep.js")).keepShell();
}
