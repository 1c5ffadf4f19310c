/** How strong the sound was in each minute of one session: what the rings at the end are drawn from. */
export class Course {
  /** @type {{sum: number, weight: number}[]} */
  #minutes = [];
  #position_s = 0;
  /** What the person changed, in the order of time. @type {{at_s: number, name: string, value: number}[]} */
  events = [];

  /**
   * @param {number} position_s time played
   * @param {number} intensity 0–100
   */
  note(position_s, intensity) {
    const step_s = position_s - this.#position_s;
    this.#position_s = position_s;
    if (step_s <= 0) return;
    // the last frame of a whole session is no ring of its own
    const minute = Math.ceil(position_s / 60) - 1;
    this.#minutes[minute] ??= { sum: 0, weight: 0 };
    this.#minutes[minute].sum += intensity * step_s;
    this.#minutes[minute].weight += step_s;
  }

  /** One knob keeps one event, its newest. @param {{at_s: number, name: string, value: number}} event */
  mark(event) {
    this.events = [...this.events.filter(({ name }) => name !== event.name), event];
  }

  /** @returns {number[]} mean intensity of each minute, 0–1 */
  get minutes() {
    return Array.from(this.#minutes, (minute) => (minute ? minute.sum / minute.weight / 100 : 0));
  }

  /** @returns {number} mean over the time played, 0–100 */
  get mean() {
    let sum = 0;
    let weight = 0;
    for (const minute of this.#minutes) {
      sum += minute?.sum ?? 0;
      weight += minute?.weight ?? 0;
    }
    return weight > 0 ? sum / weight : 0;
  }
}
