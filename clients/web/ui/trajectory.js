/** What a value of the running program is at one time: keyframes `[[t_s, value, curve?], …]`. */

/**
 * @typedef {[number, number, string?]} Keyframe
 * @typedef {number | Keyframe[]} Course
 */

/** Share of a segment's step that is done after the share `x` of its time. @type {Record<string, (x: number) => number>} */
const CURVES = {
  hold: () => 0,
  linear: (x) => x,
  cosine: (x) => (1 - Math.cos(Math.PI * x)) / 2,
};

/** @param {Course} course @param {number} time_s @returns {number} */
export function valueAt(course, time_s) {
  if (typeof course === "number") return course;
  const next = course.findIndex(([at]) => at > time_s);
  if (next === -1) return course[course.length - 1][1];
  if (next === 0) return course[0][1];
  const [from_s, from] = course[next - 1];
  const [to_s, to, curve = "linear"] = course[next];
  const share = (time_s - from_s) / (to_s - from_s);
  if (curve === "exponential") return from * (to / from) ** share;
  return from + (to - from) * CURVES[curve](share);
}

/**
 * The newest value of each knob that was turned, here or on a device before this one.
 * @param {any} instance @returns {Record<string, number | string>} by address
 */
export function turned(instance) {
  return Object.assign({}, ...(instance?.timeline ?? []).map((/** @type {any} */ { p, values }) => p ?? values));
}

/**
 * The course that an address of the program has before anybody turns it.
 * @param {any} program @param {string} address @returns {Course | undefined}
 */
export function courseOf(program, address) {
  if (address.startsWith("am.")) return program?.modulation?.[address.slice(3)];
  const [layer, name] = address.split(".");
  const parts = program?.layers?.[layer];
  return parts?.[name] ?? parts?.voices?.[0]?.[name];
}
