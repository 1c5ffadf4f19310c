import { equal } from "/tests/browser/assert.js";
import { secondsUntil } from "/web/ui/until.js";

export function a_clock_time_that_is_over_is_tomorrow() {
  const now = new Date(2026, 10, 14, 22, 0, 0);
  equal(secondsUntil("22:30", now), 1800);
  equal(secondsUntil("07:00", now), 9 * 3600);
  equal(secondsUntil("22:00", now), 24 * 3600);
}
