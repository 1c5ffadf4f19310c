import { close, equal } from "/tests/browser/assert.js";
import { Course } from "/web/ui/course.js";

export function each_minute_has_its_own_mean() {
  const course = new Course();
  for (let second = 1; second <= 119; second += 1) course.note(second, second <= 60 ? 20 : 60);
  equal(
    course.minutes.map((intensity) => Math.round(intensity * 100)),
    [20, 60],
  );
  close(course.mean, (60 * 20 + 59 * 60) / 119, 1e-9);
}

export function a_whole_minute_is_one_ring() {
  const course = new Course();
  course.note(59.95, 20);
  course.note(60, 20);
  equal(course.minutes.length, 1);
}

export function standing_still_counts_for_nothing() {
  const course = new Course();
  course.note(10, 20);
  course.note(10, 100);
  equal(course.mean, 20);
}

export function nothing_heard_is_no_ring() {
  equal(new Course().minutes, []);
  equal(new Course().mean, 0);
}
