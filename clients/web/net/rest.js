/** The HTTP side: one envelope `{ok, data | error, code}`, who asks, the anti-forgery header, and tickets for the socket. */

export class RestError extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {Record<string, unknown>} details */
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Refusals of a proof that has aged; a wrong password is none of them. */
const AGED = ["unauthenticated", "signed_out"];

/** Who asks: the guest of the cookie, or whoever the bearer names. It is kept in memory alone. */
export const authority = {
  bearer: "",
  /** True where a newer bearer is there now. @type {(old: string) => Promise<boolean>} */
  renew: async () => false,
};

/** The readable cookie that unsafe requests repeat in a header. */
export function csrfToken() {
  const found = document.cookie.match(/(?:^|; )sw_csrf=([^;]*)/);
  return found ? decodeURIComponent(found[1]) : "";
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @param {string} bearer
 * @returns {Promise<any>}
 */
async function ask(path, options, bearer) {
  const headers = { ...options.headers, ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) };
  const response = await fetch(path, { credentials: "same-origin", ...options, headers });
  /** @type {any} */
  const body = await response.json().catch(() => ({}));
  if (response.ok && body.ok) return body.data;
  throw new RestError(response.status, body.code ?? "internal", body.error ?? response.statusText, body);
}

/** Once more where only the proof had aged. @param {string} path @param {RequestInit} options */
async function call(path, options) {
  const { bearer } = authority;
  try {
    return await ask(path, options, bearer);
  } catch (error) {
    const hasAged = bearer !== "" && error instanceof RestError && AGED.includes(error.code);
    if (!hasAged || !(await authority.renew(bearer))) throw error;
    return ask(path, options, authority.bearer);
  }
}

/** @param {"POST" | "PUT" | "PATCH" | "DELETE"} method @param {unknown} body @param {string} csrf */
function unsafe(method, body, csrf) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  return { method, headers, body: JSON.stringify(body) };
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
  return call(path, unsafe(method, body, csrf));
}

/**
 * As the cookies alone have it: what makes a login, and what renews it.
 * @param {string} path @param {unknown} [body]
 * @returns {Promise<any>}
 */
export function sendByCookie(path, body = {}) {
  return ask(path, unsafe("POST", body, csrfToken()), "");
}

/**
 * A single-use ticket for `hello`.
 * @param {string} [csrf]
 * @returns {Promise<string>}
 */
export async function ticket(csrf) {
  return (await send("POST", "/api/auth/ws-ticket", {}, csrf)).ticket;
}
