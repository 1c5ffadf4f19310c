import { equal } from "/tests/browser/assert.js";
import { settled } from "/web/ui/settled.js";
import { turned } from "/web/ui/trajectory.js";

const PROGRAM = {
  layers: {
    pads: { kind: "bed", level: 60 },
    noise: { kind: "noise", level: 0, color: "pink", bands_db: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
    binaural: { kind: "binaural", level: 0, voices: [{ beat_hz: [[0, 10], [60, 4]] }, { beat_hz: 10 }] },
  },
  modulation: { rate_hz: 10, depth: 20 },
};

export function each_knob_stands_at_its_last_value_and_the_rest_keeps_its_course() {
  const values = { "pads.level": 40, "am.depth": 45, "noise.color": "brown", "noise.band_2_db": -6, "output.gain_db": -2 };
  const made = settled(PROGRAM, values);
  equal(made.layers.pads, { kind: "bed", level: 40 });
  equal(made.layers.noise.color, "brown");
  equal(made.layers.noise.bands_db, [0, 0, -6, 0, 0, 0, 0, 0, 0, 0]);
  equal(made.modulation, { rate_hz: 10, depth: 45 });
  equal(made.output, { gain_db: -2 });
  equal(made.layers.binaural, PROGRAM.layers.binaural);
  equal(PROGRAM.layers.pads.level, 60);
}

export function a_beat_is_that_of_all_voices() {
  const { layers } = settled(PROGRAM, { "binaural.beat_hz": 6 });
  equal(layers.binaural.voices, [{ beat_hz: 6 }, { beat_hz: 6 }]);
}

export function what_the_program_does_not_have_is_left_out() {
  equal(settled(PROGRAM, { "rain.level": 5 }), PROGRAM);
}

export function the_newest_value_of_each_knob_counts() {
  const timeline = [
    { kind: "base", values: { "pads.level": 10, "am.depth": 5 } },
    { kind: "param", p: { "pads.level": 20 } },
    { kind: "end" },
    { kind: "param", p: { "pads.level": 30 } },
  ];
  equal(turned({ timeline }), { "pads.level": 30, "am.depth": 5 });
  equal(turned(null), {});
}
