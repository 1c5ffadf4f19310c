import { Horizon } from "/web/net/horizon.js";
import { close, equal, ok } from "/tests/browser/assert.js";

const SECOND = 48000;

/** Plays on in ticks of 20 ms. @param {Horizon} horizon @param {number} from @param {number} seconds */
function play(horizon, from, seconds) {
  const end = from + seconds * SECOND;
  for (let pos = from; pos < end; pos += 960) horizon.advance(pos + 960);
  return end;
}

export function begins_with_200_ms_and_doubles_each_second_up_to_10_s() {
  const horizon = new Horizon();
  horizon.open(0);
  equal(horizon.limit(0), 9600);
  play(horizon, 0, 1);
  close(horizon.frames, 19200, 2);
  play(horizon, SECOND, 6);
  equal(horizon.frames, 10 * SECOND);
}

export function a_hidden_page_holds_20_s_and_one_that_is_seen_again_10() {
  const horizon = new Horizon();
  horizon.isHidden = true;
  const pos = play(horizon, 0, 10);
  equal(horizon.frames, 20 * SECOND);
  horizon.isHidden = false;
  horizon.advance(pos + 960);
  equal(horizon.frames, 10 * SECOND);
}

export function a_change_collapses_it_and_after_a_quiet_second_it_regrows_at_three_times_real_time() {
  const horizon = new Horizon();
  let pos = play(horizon, 0, 8);
  horizon.collapse();
  equal(horizon.frames, 12000);
  pos = play(horizon, pos, 0.9);
  equal(horizon.frames, 12000);
  pos = play(horizon, pos, 3.1);
  const before = horizon.limit(pos);
  const after = play(horizon, pos, 1);
  ok(horizon.limit(after) - before <= 3 * SECOND + 2);
}

export function ticks_by_an_eighth_between_25_ms_and_1_s() {
  const horizon = new Horizon();
  equal(horizon.tickFrames, 1200);
  horizon.frames = 4 * SECOND;
  equal(horizon.tickFrames, SECOND / 2);
  horizon.frames = 20 * SECOND;
  equal(horizon.tickFrames, SECOND);
}
