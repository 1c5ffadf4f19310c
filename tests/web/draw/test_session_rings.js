import { close, equal } from "/tests/browser/assert.js";
import { drawSessionRings } from "/web/draw/session-rings.js";

const PALETTE = { purple: [169, 139, 255], goldLine: [240, 195, 90] };

/** Widths and colours of the rings that were drawn. */
function drawn(minutes, progress = 1) {
  const rings = [];
  const context = { strokeStyle: "", lineWidth: 0, stroke: () => rings.push([context.strokeStyle, context.lineWidth]) };
  drawSessionRings(context, minutes, 200, progress, PALETTE);
  return rings;
}

export function a_ring_a_minute_and_the_last_one_gold() {
  const rings = drawn([0, 0.5, 1]);
  equal(rings.length, 3);
  equal(rings[0], ["rgb(169 139 255 / 0.3)", 0.7]);
  close(rings[1][1], 0.7 + 1.3, 1e-9);
  equal(rings[2], ["rgb(240 195 90 / 1)", 2]);
}

export function above_an_hour_a_ring_is_as_many_minutes_as_fit() {
  equal(drawn(Array(60).fill(0.2)).length, 60);
  equal(drawn(Array(90).fill(0.2)).length, 45);
}

export function they_appear_one_after_the_other() {
  equal(drawn(Array(20).fill(0.2), 0.5).length, 10);
}

export function no_minute_no_ring() {
  equal(drawn([]).length, 0);
}
