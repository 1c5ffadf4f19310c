/** A sound in a link: the whole recipe stands behind the `#`, which no server is sent. */

const MARK = "#sound=";
const LONGEST = 16_384;

/** @typedef {{title: string, minutes: number, mode: string, program: any}} Shared */

/** @param {Shared} sound @returns {Promise<string>} */
export async function linkTo({ title, minutes, mode, program }) {
  const packed = new Blob([JSON.stringify({ title, minutes, mode, program })])
    .stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const text = btoa(String.fromCharCode(...bytes));
  const url = new URL("/", location.href);
  return `${url.href}${MARK}${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** @param {string} hash @returns {Promise<Shared | null>} null where there is none, or nothing that can be read */
export async function sharedIn(hash) {
  if (!hash.startsWith(MARK) || hash.length > LONGEST) return null;
  try {
    const text = atob(hash.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const open = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const sound = await new Response(open).json();
    const isWhole =
      typeof sound.title === "string" && Number.isInteger(sound.minutes) && typeof sound.program?.layers === "object";
    return isWhole ? sound : null;
  } catch {
    return null;
  }
}
