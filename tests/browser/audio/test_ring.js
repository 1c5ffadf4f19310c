import { isNewer } from "/web/audio/epoch.js";
import { LOW_FRAMES, NEW, OLD, Ring } from "/web/audio/ring.js";
import { equal, ok } from "/tests/browser/assert.js";

const STEP = 128;

/** Samples that say where they are and of which epoch. @param {number} pos @param {number} frames @param {number} epoch */
function tone(pos, frames, epoch) {
  return Float32Array.from({ length: frames * 2 }, (_, i) => epoch * 1000 + ((pos + (i >> 1)) % 997) + (i & 1) / 2);
}

/** @param {Ring} ring @param {number} pos @param {number} frames @param {number} epoch */
function write(ring, pos, frames, epoch) {
  return ring.write(pos, frames, tone(pos, frames, epoch), 0, -1);
}

/** Plays on, choosing planes as the deck does. @param {Ring} ring @param {number} frames @returns {Float32Array} left */
function play(ring, frames) {
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  for (let done = 0; done < frames; done += STEP) {
    ring.choosePlane();
    ring.read(left, right, done, Math.min(STEP, frames - done));
  }
  return left;
}

/** @param {Float32Array} left @param {number} pos @param {number} epoch */
function isOf(left, pos, epoch) {
  return left.every((sample, i) => sample === tone(pos + i, 1, epoch)[0]);
}

export function plays_each_position_once() {
  const ring = new Ring(8192);
  ring.reset(500, 0);
  write(ring, 500, 4000, 0);
  ok(isOf(play(ring, 1000), 500, 0));
  equal(ring.play, 1500);
  ok(isOf(play(ring, 1000), 1500, 0));
}

export function wraps_round_its_end() {
  const ring = new Ring(4096);
  ring.reset(0, 0);
  for (let pos = 0; pos < 40960; pos += 1024) {
    ok(write(ring, pos, 1024, 0));
    ok(isOf(play(ring, 1024), pos, 0));
  }
}

export function refuses_what_would_overwrite_the_playhead() {
  const ring = new Ring(4096);
  ring.reset(0, 0);
  ok(write(ring, 0, 4096, 0));
  equal(write(ring, 4096, 1, 0), false);
}

export function takes_nothing_after_a_gap() {
  const ring = new Ring(4096);
  ring.reset(0, 0);
  write(ring, 0, 960, 0);
  equal(write(ring, 1920, 960, 0), false);
  equal(ring.newEnd, 960);
}

export function skips_what_it_has() {
  const ring = new Ring(4096);
  ring.reset(0, 0);
  write(ring, 0, 960, 0);
  write(ring, 480, 960, 7);
  ok(isOf(play(ring, 480), 0, 0));
  ok(isOf(play(ring, 480), 480, 0), "frames that were there were overwritten");
  equal(ring.newEnd, 1440);
}

export function a_splice_in_time_changes_no_sample_before_it_and_every_one_after() {
  const ring = new Ring(65536);
  ring.reset(0, 0);
  write(ring, 0, 48000, 0);
  play(ring, 1280);
  ok(ring.learn(1, 4000));
  write(ring, 4000, 44000, 1);
  ok(isOf(play(ring, 2720), 1280, 0));
  ok(isOf(play(ring, 5000), 4000, 1));
  equal(ring.plane, NEW);
}

export function a_splice_that_never_comes_is_the_sound_from_before_crossfaded() {
  const ring = new Ring(65536);
  ring.reset(0, 0);
  write(ring, 0, 48000, 0);
  ring.learn(1, 4000);
  write(ring, 4000, 480, 1);
  const left = play(ring, 24064);
  equal(ring.plane, OLD);
  ok(isOf(left.subarray(5000), 5000, 0));
  ok(isOf(left.subarray(0, 3840), 0, 0));
  equal(ring.left, 48000 - 24064);
}

export function the_newest_epoch_comes_back_by_a_crossfade() {
  const ring = new Ring(65536);
  ring.reset(0, 0);
  write(ring, 0, 48000, 0);
  ring.learn(1, 4000);
  play(ring, 8192);
  equal(ring.plane, OLD);
  for (let pos = 4000; pos < 20000; pos += 500) write(ring, pos, 500, 1);
  const left = play(ring, 4096);
  equal(ring.plane, NEW);
  ok(isOf(left.subarray(480), 8192 + 480, 1));
  ok(left[0] === tone(8192, 1, 0)[0], "the crossfade begins with the old plane");
  const middle = 8192 + 240;
  const [old, fresh] = [tone(middle, 1, 0)[0], tone(middle, 1, 1)[0]];
  ok(Math.abs(left[240] - (old + fresh) / 2) < 1e-3, "half way it is the mean of both");
}

export function equal_planes_stay_bit_equal_in_a_crossfade() {
  const ring = new Ring(65536);
  ring.reset(0, 0);
  write(ring, 0, 48000, 3);
  ring.learn(1, 4000);
  const before = play(ring, 8192);
  write(ring, 4000, 44000, 3);
  ok(isOf(before, 0, 3) && isOf(play(ring, 8192), 8192, 3));
}

export function a_splice_behind_the_playhead_is_no_step() {
  const ring = new Ring(65536);
  ring.reset(0, 0);
  write(ring, 0, 48000, 0);
  play(ring, 6400);
  ring.learn(1, 4000);
  equal(ring.plane, OLD);
  ok(isOf(play(ring, 128), 6400, 0));
  write(ring, 4000, 6000, 1);
  const left = play(ring, 1280);
  ok(left[0] === tone(6528, 1, 0)[0]);
  ok(isOf(left.subarray(480), 6528 + 480, 1));
}

export function a_third_sound_during_a_crossfade_keeps_what_was_to_be_heard() {
  const ring = new Ring(65536);
  const twin = new Ring(65536);
  for (const one of [ring, twin]) {
    one.reset(0, 0);
    write(one, 0, 48000, 0);
    one.learn(1, 4000);
    play(one, 8192);
    write(one, 4000, 8000, 1);
    play(one, 128);
    ok(one.isFading);
  }
  ring.learn(2, 9500);
  const heard = play(ring, 896);
  const wanted = play(twin, 896);
  ok(heard.every((sample, i) => sample === wanted[i]), "the crossfade under way was not finished as it began");
  write(ring, 9500, 6000, 2);
  ok(isOf(play(ring, 4096).subarray(3000), 8192 + 128 + 896 + 3000, 2));
}

export function where_the_sound_from_before_ends_the_newest_is_heard_however_short() {
  const ring = new Ring(8192);
  ring.reset(0, 0);
  write(ring, 0, 2000, 0);
  ring.learn(1, 300);
  ok(isOf(play(ring, 1280), 0, 0));
  write(ring, 300, 1800, 1);
  play(ring, 640);
  equal(ring.plane, NEW);
  ok(isOf(play(ring, 128), 1920, 1));
}

export function a_way_back_that_outlasts_the_sound_from_before_ends_in_the_newest() {
  const ring = new Ring(8192);
  ring.reset(0, 0);
  write(ring, 0, 1024, 0);
  ring.learn(1, 100);
  play(ring, 640);
  write(ring, 100, 2900, 1);
  const heard = play(ring, 1024);
  ok(isOf(heard.subarray(1024 - 640), 1024, 1));
}

export function a_silence_ends_a_way_back() {
  const ring = new Ring(8192);
  ring.reset(0, 0);
  write(ring, 0, 4096, 0);
  ring.learn(1, 100);
  play(ring, 640);
  write(ring, 100, 2900, 1);
  play(ring, 128);
  ok(ring.preferNew());
  equal(ring.preferNew(), false);
  ok(isOf(play(ring, 128), 768, 1));
}

export function news_after_a_silence_keep_what_came_meanwhile() {
  const ring = new Ring(8192);
  ring.reset(0, 0);
  write(ring, 0, 1024, 0);
  ring.learn(1, 100);
  play(ring, 1024);
  equal(ring.left, 0);
  write(ring, 100, 2900, 1);
  ring.learn(2, 2500);
  ring.preferNew();
  ok(isOf(play(ring, 1408), 1024, 1));
}

export function a_third_sound_keeps_the_second_behind_the_end_of_the_first() {
  const ring = new Ring(8192);
  ring.reset(0, 0);
  write(ring, 0, 4096, 0);
  ring.learn(1, 300);
  play(ring, 128);
  write(ring, 300, 6000, 1);
  ring.learn(2, 5000);
  const heard = play(ring, 5632);
  ok(isOf(heard.subarray(0, 3616 - 128), 128, 0));
  ok(isOf(heard.subarray(4096 - 128), 4096, 1));
  for (let i = 3616; i < 4096; i += 1) {
    const [before] = tone(i, 1, 0);
    ok(heard[i - 128] >= before && heard[i - 128] <= before + 1000);
  }
}

export function older_news_are_no_news() {
  const ring = new Ring(4096);
  ring.reset(0, 5);
  equal(ring.learn(5, 100), false);
  equal(ring.learn(4, 100), false);
  ok(isNewer(2, 250) && !isNewer(250, 2) && !isNewer(7, 7));
}

/** Whatever comes, in whatever order: no step that is not in the sound itself. */
export function random_splices_never_click() {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  for (let round = 0; round < 40; round += 1) {
    const ring = new Ring(65536);
    ring.reset(0, 0);
    /** Each epoch moves the level from its first frame on, within 20 ms. @type {[number, number][]} */
    const moves = [[0, 0]];
    const sound = (/** @type {number} */ pos) =>
      moves.reduce((sum, [from, delta]) => sum + delta * Math.min(1, Math.max(0, (pos - from) / 960)), 0);
    const put = (/** @type {number} */ pos, /** @type {number} */ frames) =>
      ring.write(pos, frames, Float32Array.from({ length: frames * 2 }, (_, i) => sound(pos + (i >> 1))), 0, -1);
    put(0, 40000);
    let last = 0;
    for (let step = 0; step < 200 && ring.left > LOW_FRAMES; step += 1) {
      if (random() < 0.1) {
        const from = Math.max(0, ring.play + Math.floor(random() * 4000) - 1000);
        ring.learn(moves.length, from);
        moves.push([from, random() - 0.5]);
      }
      if (random() < 0.5) put(ring.newEnd, Math.floor(random() * 960) + 1);
      ring.choosePlane();
      const left = new Float32Array(STEP);
      ring.read(left, new Float32Array(STEP), 0, STEP);
      for (const sample of left) {
        if (Math.abs(sample - last) > 0.03) throw new Error(`round ${round}: from ${last} to ${sample} before ${ring.play}`);
        last = sample;
      }
    }
  }
}
