import { equal } from "/tests/browser/assert.js";
import { Bend } from "/web/ui/bend.js";

const SLEEP = {
  modulation: {
    depth: [
      [0, 10],
      [600, 10],
      [1000, 0],
    ],
    rate_hz: 8,
  },
};

export function a_touch_bends_the_course_and_it_still_ends_at_nothing() {
  const bend = new Bend();
  bend.touch(SLEEP, "am.depth", 40, 300);
  equal(bend.due(599), []);
  equal(bend.due(800), [["am.depth", 20]]);
  equal(bend.due(801), []);
  equal(bend.due(1000), [["am.depth", 0]]);
}

export function what_has_no_course_stays_where_it_was_put() {
  const bend = new Bend();
  bend.touch(SLEEP, "am.rate_hz", 12, 300);
  equal(bend.due(1000), []);
}

export function after_the_course_is_over_the_hand_alone_decides() {
  const bend = new Bend();
  bend.touch(SLEEP, "am.depth", 40, 300);
  bend.touch(SLEEP, "am.depth", 15, 1000);
  equal(bend.due(1100), []);
}
