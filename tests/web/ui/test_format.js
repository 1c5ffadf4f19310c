import { equal } from "/tests/browser/assert.js";
import { clockTime, timeOfDay } from "/web/ui/format.js";

export function times_are_read_as_on_a_clock() {
  equal([0, 0.2, 59.2, 60, 1121.4, 3600, 3727].map(clockTime), [
    "0:00",
    "0:01",
    "1:00",
    "1:00",
    "18:42",
    "1:00:00",
    "1:02:07",
  ]);
}

export function a_time_of_day_has_two_digits_each() {
  equal(timeOfDay(new Date(2026, 10, 14, 4, 5)), "04:05");
}
