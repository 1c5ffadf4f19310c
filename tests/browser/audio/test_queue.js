import { Queue, shareQueue } from "/web/audio/queue.js";
import { equal, ok } from "/tests/browser/assert.js";

/** Both ends of one queue. @param {number} words */
function pair(words) {
  const memory = shareQueue(words);
  return { writer: new Queue(memory), reader: new Queue(memory) };
}

/** @param {number} pos @param {number} frames */
function packet(pos, frames) {
  return { deck: 2, epoch: 200, pos, frames };
}

/** @param {Queue} queue */
function samplesOf(queue) {
  return Array.from({ length: queue.frames * 2 }, (_, i) => queue.floats[(queue.at + i) & queue.mask]);
}

export function gives_what_was_pushed_in_order() {
  const { writer, reader } = pair(64);
  equal(reader.peek(), false);
  ok(writer.push(packet(2 ** 40 + 5, 2), Float32Array.of(1, 2, 3, 4)));
  ok(writer.push(packet(2 ** 40 + 7, 1), Float32Array.of(5, 6)));
  ok(reader.peek());
  equal([reader.deck, reader.epoch, reader.pos, reader.frames], [2, 200, 2 ** 40 + 5, 2]);
  equal(samplesOf(reader), [1, 2, 3, 4]);
  reader.take();
  ok(reader.peek());
  equal([reader.pos, ...samplesOf(reader)], [2 ** 40 + 7, 5, 6]);
  reader.take();
  equal(reader.peek(), false);
}

export function wraps_and_refuses_when_full() {
  const { writer, reader } = pair(64);
  for (let round = 0; round < 100; round += 1) {
    const samples = Float32Array.from({ length: 20 }, (_, i) => round * 100 + i);
    ok(writer.push(packet(round * 10, 10), samples));
    equal(writer.push(packet(0, 24), new Float32Array(48)), false);
    ok(reader.peek());
    equal([reader.pos, samplesOf(reader)], [round * 10, Array.from(samples)]);
    reader.take();
  }
}

export function news_without_frames_keep_their_place() {
  const { writer, reader } = pair(64);
  writer.push(packet(0, 1), Float32Array.of(1, 2));
  writer.push(packet(480, 0), new Float32Array(0));
  reader.peek();
  reader.take();
  ok(reader.peek());
  equal([reader.pos, reader.frames], [480, 0]);
  reader.take();
  equal(reader.peek(), false);
}

export function the_playhead_is_told_by_its_low_bits() {
  const { writer, reader } = pair(64);
  reader.setPlay(2 ** 33 + 17);
  equal(writer.playNear(2 ** 33 - 5), 2 ** 33 + 17);
  reader.setPlay(2 ** 32 - 1);
  equal(writer.playNear(2 ** 32 + 100), 2 ** 32 - 1);
}
