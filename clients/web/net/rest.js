/** The HTTP side: one envelope `{ok, data | error, code}`, the anti-forgery header, and tickets for the socket. */

export class RestError extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {Record<string, unknown>} details */
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The readable cookie that unsafe requests repeat in a header. */
export function csrfToken() {
  const found = document.cookie.match(/(?:^|; )sw_csrf=([^;]*)/);
  return found ? decodeURIComponent(found[1]) : "";
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
async function call(path, options) {
  const response = await fetch(path, { credentials: "same-origin", ...options });
  /** @type {any} */
  const body = await response.json().catch(() => ({}));
  if (response.ok && body.ok) return body.data;
  throw new RestError(response.status, body.code ?? "internal", body.error ?? response.statusText, body);
}

/**
 * @param {string} path
 * @returns {Promise<any>} the envelope's data
 */
export function get(path) {
  return call(path, { headers: { Accept: "application/json" } });
}

/**
 * @param {"POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [csrf] given by a worker, which has no cookies to read
 * @returns {Promise<any>} the envelope's data
 */
export function send(method, path, body = {}, csrf = csrfToken()) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  return call(path, { method, headers, body: JSON.stringify(body) });
}

/**
 * A single-use ticket for `hello`.
 * @param {string} [csrf]
 * @returns {Promise<string>}
 */
export async function ticket(csrf) {
  return (await send("POST", "/api/auth/ws-ticket", {}, csrf)).ticket;
}
