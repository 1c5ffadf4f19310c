/** What unit tests state. */

/** @param {unknown} truth @param {string} [message] */
export function ok(truth, message = "it is not so") {
  if (!truth) throw new Error(message);
}

/** @param {unknown} actual @param {unknown} expected */
export function equal(actual, expected) {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`got ${left}, wanted ${right}`);
}

/** @param {number} actual @param {number} expected @param {number} within */
export function close(actual, expected, within) {
  if (!(Math.abs(actual - expected) <= within)) throw new Error(`got ${actual}, wanted ${expected} ± ${within}`);
}

/** @param {() => unknown} action @param {new (...args: any[]) => Error} kind */
export function raises(action, kind) {
  try {
    action();
  } catch (error) {
    if (error instanceof kind) return;
    throw error;
  }
  throw new Error(`no ${kind.name} was thrown`);
}
