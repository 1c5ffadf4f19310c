import { Backoff } from "/web/net/backoff.js";
import { RoundTrip } from "/web/net/clock.js";
import { Instance } from "/web/net/instance.js";
import { Patch } from "/web/net/patch.js";
import { Lost, Refusal, Requests } from "/web/net/requests.js";
import { Run } from "/web/net/run.js";
import { close, equal, ok } from "/tests/browser/assert.js";

export function retries_at_once_then_at_least_every_second_while_something_is_buffered() {
  const backoff = new Backoff();
  equal(backoff.next(true), 0);
  for (let i = 0; i < 10; i += 1) ok(backoff.next(true) <= 1000);
}

export function retries_with_full_jitter_up_to_8_s_when_nothing_is_left() {
  const backoff = new Backoff(() => 1);
  const waits = Array.from({ length: 8 }, () => backoff.next(false));
  equal(waits, [0, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  backoff.reset();
  equal(backoff.next(false), 0);
}

export function the_round_trip_is_smoothed_as_in_rfc_6298() {
  const trip = new RoundTrip();
  equal(trip.report, {});
  trip.add(100);
  equal(trip.report, { srtt_us: 100000, rttvar_us: 50000 });
  trip.add(180);
  close(trip.report.srtt_us ?? 0, 110000, 1);
  close(trip.report.rttvar_us ?? 0, 57500, 1);
}

export function one_entry_that_answers_two_requests_is_kept_once() {
  const instance = new Instance({ timeline: [] });
  const entry = { pos: 960, kind: "param", p: { "output.gain_db": 1 }, ramp: 1440 };
  instance.append(entry);
  instance.append({ ...entry });
  instance.append({ ...entry, p: { "output.gain_db": 2 } });
  equal(instance.value.timeline.length, 2);
}

export function a_base_stands_for_what_sounded_before_it() {
  const instance = new Instance({ timeline: [] });
  for (const pos of [100, 200, 300]) instance.append({ pos, kind: "param" });
  instance.append({ pos: 150, kind: "transport", op: "play", from: 250 });
  instance.fold({ pos: 200, kind: "base" });
  equal(instance.value.timeline.map(({ pos, kind }) => [pos, kind]), [[200, "base"], [300, "param"], [150, "transport"]]);
}

export async function the_newest_value_of_an_address_is_sent() {
  /** @type {Record<string, unknown>[]} */
  const sent = [];
  const patch = new Patch((values) => sent.push(values));
  patch.set("a", 1);
  equal(sent, []);
  patch.open();
  for (let i = 2; i < 10; i += 1) patch.set("a", i);
  patch.set("b", 1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  equal(sent, [{ a: 1 }, { a: 9, b: 1 }]);
}

export function what_was_lost_does_not_overtake_what_is_newer() {
  /** @type {Record<string, unknown>[]} */
  const sent = [];
  const patch = new Patch((values) => sent.push(values));
  patch.set("a", 2);
  patch.putBack({ a: 1, b: 1 });
  patch.open();
  equal(sent, [{ a: 2, b: 1 }]);
}

export async function requests_are_answered_by_number_and_repeated_after_a_resume() {
  /** @type {any[]} */
  const sent = [];
  const requests = new Requests();
  const send = (/** @type {any} */ message) => sent.push(message);
  const first = requests.ask({ t: "x" }, send);
  const second = requests.ask({ t: "y" }, send);
  equal(sent.map(({ t, id }) => [t, id]), [["x", 1], ["y", 2]]);
  equal(requests.lastAnswered, 0);
  ok(requests.answer({ t: "ack", re: 1 }));
  equal([(await first).t, requests.lastAnswered], ["ack", 1]);
  requests.repeat(send);
  equal(sent.slice(2).map(({ id }) => id), [2]);
  ok(requests.answer({ t: "error", re: 2, code: "invalid_param", msg: "no" }));
  const refused = await second.catch((error) => error);
  ok(refused instanceof Refusal && refused.code === "invalid_param");
  equal(requests.answer({ t: "ack", re: 2 }), false);
}

export async function a_new_beginning_loses_what_was_under_way() {
  const requests = new Requests();
  const asked = requests.ask({ t: "x" }, () => {}).catch((error) => error);
  requests.lose();
  ok((await asked) instanceof Lost);
  equal(requests.next(), 1);
}

export function a_run_counts_the_newest_epoch_only() {
  const run = new Run(0, 254);
  ok(run.add(0, 9600));
  equal(run.add(10000, 960), false);
  ok(run.learn(255, 4800));
  equal([run.end, run.ringEpoch], [4800, 255]);
  equal(run.generation(254), -1);
  equal(run.generation(0), 256);
  ok(run.learn(256, 4000));
  equal([run.end, run.ringEpoch], [4000, 0]);
  equal(run.learn(256, 10), false);
}

export function a_restored_stream_counts_anew_and_the_ring_goes_on() {
  const run = new Run(0, 7);
  run.add(0, 960);
  run.learn(8, 480);
  run.renumber(0);
  equal([run.end, run.ringEpoch, run.generation(0)], [480, 8, 0]);
  ok(run.learn(1, 480));
  equal(run.ringEpoch, 9);
}
