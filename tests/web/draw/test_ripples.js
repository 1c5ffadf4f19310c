import { close, equal, ok } from "/tests/browser/assert.js";
import { Ripples } from "/web/draw/ripples.js";

const PALETTE = { purple: [169, 139, 255] };

/** Draws onto a recorder. @returns {{radius: number, alpha: number}[]} */
function rings(ripples) {
  const seen = [];
  let alpha = 0;
  const context = {
    set strokeStyle(style) {
      alpha = Number(style.match(/\/ ([\d.e-]+)\)/)[1]);
    },
    beginPath() {},
    arc: (_x, _y, radius) => seen.push({ radius, alpha }),
    stroke() {},
  };
  ripples.draw(context, PALETTE);
  return seen.sort((a, b) => a.radius - b.radius);
}

export function they_begin_outside_the_ring_and_grow_apart() {
  const ripples = new Ripples();
  ripples.settle(196, 9);
  const seen = rings(ripples);
  equal(seen.length, 9);
  close(seen[0].radius, 1.17 * 196, 0.01);
  close(seen[1].radius - seen[0].radius, 0.13 * 196, 0.01);
  close((seen[2].radius - seen[1].radius) / (seen[1].radius - seen[0].radius), 1.2, 0.001);
  close(seen[0].alpha, 0.3, 0.001);
  close(seen[3].alpha, 0.3 * 0.76 ** 3, 0.001);
}

export function they_move_out_six_pixels_a_second() {
  const ripples = new Ripples();
  ripples.settle(196, 9);
  const [before] = rings(ripples);
  for (let i = 0; i < 30; i += 1) ripples.move(0.1);
  const [after] = rings(ripples);
  close(after.radius - before.radius, 18, 0.01);
  ok(after.alpha < before.alpha);
}

export function every_eight_seconds_one_comes_in_without_a_jump() {
  const ripples = new Ripples();
  ripples.settle(196, 9);
  const count = rings(ripples).length;
  for (let i = 0; i < 81; i += 1) ripples.move(0.1);
  const seen = rings(ripples);
  equal(seen.length, count + 1);
  ok(seen[0].alpha < 0.03, "the new ring comes in from nothing");
}

export function another_size_settles_them_anew() {
  const ripples = new Ripples();
  ripples.settle(196, 9);
  ripples.move(5);
  ripples.settle(148, 6);
  equal(rings(ripples).length, 6);
}
