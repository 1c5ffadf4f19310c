/** The order of epochs, of which packets carry one byte. */

/**
 * True where epoch `a` is newer than `b` (8-bit serial numbers).
 * @param {number} a
 * @param {number} b
 */
export function isNewer(a, b) {
  const ahead = (a - b) & 0xff;
  return ahead > 0 && ahead < 0x80;
}
