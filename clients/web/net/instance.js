/**
 * The instance that the client keeps: everything that determines the sound. It grows with each acknowledged entry, and can be
 * sent to any server to go on.
 */

/** @typedef {Record<string, unknown> & {pos: number, kind: string}} Entry */
/** @typedef {Record<string, unknown> & {timeline: Entry[]}} InstanceValue */

export class Instance {
  /** @param {InstanceValue} value */
  constructor(value) {
    this.value = { ...value, timeline: [...value.timeline] };
  }

  /**
   * One entry may answer several requests, and be told again after a resume.
   * @param {Entry} entry acknowledged by the server
   */
  append(entry) {
    const told = JSON.stringify(entry);
    if (this.value.timeline.some((known) => known.pos === entry.pos && JSON.stringify(known) === told)) return;
    this.value.timeline.push(entry);
  }

  /** A `base` entry stands for all that sounded before it. @param {Entry} base */
  fold(base) {
    const later = this.value.timeline.filter((entry) => soundsFrom(entry) > base.pos);
    this.value.timeline = [base, ...later];
  }
}

/** The first frame that an entry may change, look-ahead aside. @param {Entry} entry */
export function soundsFrom(entry) {
  return typeof entry.from === "number" ? entry.from : entry.pos;
}
