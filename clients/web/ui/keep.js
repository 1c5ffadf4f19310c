/** Asks the browser to keep the page's files, so that the next visit opens without a connection. */
export function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  // a browser that keeps nothing opens the page from the server, as ever
  navigator.serviceWorker.register(new URL("../sw.js", import.meta.url), { scope: "/" }).catch(() => {});
}
