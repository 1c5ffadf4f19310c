import { close, equal } from "/tests/browser/assert.js";
import { courseOf, valueAt } from "/web/ui/trajectory.js";

export function a_constant_stays() {
  equal(valueAt(45, 100), 45);
}

export function before_the_first_and_after_the_last_keyframe_it_stands() {
  const course = [
    [10, 1],
    [20, 3],
  ];
  equal(
    [0, 10, 15, 20, 99].map((time_s) => valueAt(course, time_s)),
    [1, 1, 2, 3, 3],
  );
}

export function each_curve_goes_its_own_way() {
  const half = (curve) =>
    valueAt(
      [
        [0, 4],
        [10, 16, curve],
      ],
      5,
    );
  equal(half("hold"), 4);
  equal(half("linear"), 10);
  close(half("exponential"), 8, 1e-9);
  close(half("cosine"), 10, 1e-9);
  close(
    valueAt(
      [
        [0, 0],
        [10, 1, "cosine"],
      ],
      2.5,
    ),
    (1 - Math.SQRT1_2) / 2,
    1e-9,
  );
}

export function an_address_finds_its_course_in_the_program() {
  const program = {
    modulation: {
      depth: 45,
      rate_hz: [
        [0, 10],
        [120, 16],
      ],
    },
    layers: { pads: { level: 60 }, binaural: { voices: [{ beat_hz: 8 }], level: 0 } },
  };
  equal(courseOf(program, "am.depth"), 45);
  equal(courseOf(program, "pads.level"), 60);
  equal(courseOf(program, "binaural.beat_hz"), 8);
  equal(courseOf(program, "noise.level"), undefined);
}
