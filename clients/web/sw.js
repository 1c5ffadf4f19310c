/**
 * The shell without a connection: one version of the page's files, kept whole, each under the version that is in its path.
 * The document comes from the server whenever that answers; sound and everything else is never kept.
 */

/** @typedef {{waitUntil(work: Promise<unknown>): void, respondWith(answer: Promise<Response>): void, request: Request} & Event} Work */

const HOME = new URL("./", self.location.href);
const KIND = "soundwell ";
const CACHE = KIND + HOME.pathname;
const SHELL = new URL("index.html", HOME).href;
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
/** How the files name each other: the document by `"/web/…"`, styles and modules relative to themselves. */
const NAMES = /"\/web\/([^"]+)"|(?:from|import|import\(|new URL\()\s*"(\.[^"]+)"/g;

self.addEventListener("install", (event) => /** @type {Work} */ (event).waitUntil(keepShell()));
self.addEventListener("activate", (event) => /** @type {Work} */ (event).waitUntil(dropOthers()));
self.addEventListener("fetch", (event) => {
  const work = /** @type {Work} */ (event);
  const { method, mode, url } = work.request;
  if (method !== "GET") return;
  if (url.startsWith(HOME.href)) work.respondWith(keptOrFetched(work.request));
  else if (mode === "navigate" && new URL(url).pathname === "/") work.respondWith(documentOrShell(work.request));
});

/** All files or none: a version that is not the server's any more is not kept. */
async function keepShell() {
  const cache = await caches.open(CACHE);
  const known = new Set([SHELL]);
  for (const url of known) {
    const answer = await fetch(url);
    if (!answer.ok || !answer.headers.get("Cache-Control")?.includes("immutable")) throw new Error(`${url} has changed`);
    for (const name of await namesIn(answer.clone())) if (name !== self.location.href) known.add(name);
    await cache.put(url, url === SHELL ? await shellOf(answer) : answer);
  }
}

/** @param {Response} answer @returns {Promise<string[]>} addresses of the files that it names */
async function namesIn(answer) {
  if (!/javascript|html/.test(answer.headers.get("Content-Type") ?? "")) return [];
  const text = await answer.text();
  return [...text.matchAll(NAMES)].map(([, fromRoot, relative]) =>
    fromRoot ? new URL(fromRoot, HOME).href : new URL(relative, answer.url).href,
  );
}

/** The document as the server would send it: its files under this version, isolated. @param {Response} answer */
async function shellOf(answer) {
  const text = (await answer.text()).replaceAll('"/web/', `"${HOME.pathname}`);
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(text, { headers });
}

/** Pages of an older version are gone by now. */
async function dropOthers() {
  const others = (await caches.keys()).filter((name) => name.startsWith(KIND) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** @param {Request} request @returns {Promise<Response>} */
async function keptOrFetched(request) {
  return (await caches.match(request.url, { cacheName: CACHE })) ?? fetch(request);
}

/** @param {Request} request @returns {Promise<Response>} */
async function documentOrShell(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(SHELL, { cacheName: CACHE })) ?? Response.error();
  }
}
