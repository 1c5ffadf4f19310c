import { MsgpackError } from "/web/net/msgpack.js";
import {
  F32, S16, WireError, decodeMessage, decodePacket, encodeMessage, encodePacket, isMedia, samples,
} from "/web/net/wire.js";
import { equal, ok, raises } from "/tests/browser/assert.js";

/** @param {string} hex */
function bytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)).buffer;
}

/** @param {Uint8Array} data */
function hexOf(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} name */
async function vectors(name) {
  return (await (await fetch(`/tests/vectors/wire/${name}.json`)).json()).vectors;
}

/** What the server says is only read here, and a whole number may be a float there. */
export async function messages_of_both_sides_are_the_golden_bytes() {
  for (const side of ["client", "server"]) {
    const all = await vectors(side);
    ok(all.length > 10);
    for (const { name, message, hex } of all) {
      if (side === "client") equal([name, hexOf(encodeMessage(message))], [name, hex]);
      equal(decodeMessage(bytes(hex)), message);
      ok(!isMedia(bytes(hex)));
    }
  }
}

export async function packets_are_the_golden_bytes() {
  const codecs = { s16: S16, f32: F32 };
  for (const { name, header, samples: frames, hex } of await vectors("media")) {
    const packet = decodePacket(bytes(hex));
    const { flags, sid, seq, pos, frames: count, epoch, tx_us } = packet;
    const wanted = { flags, sid, seq, pos, frames: count, codec: header.codec, epoch, tx_us };
    equal({ kind: "audio", ...wanted }, header);
    equal([name, packet.codec], [name, codecs[/** @type {"s16" | "f32"} */ (header.codec)]]);
    const scale = header.codec === "s16" ? 32768 : 1;
    equal(Array.from(samples(packet)), frames.flat().map((/** @type {number} */ sample) => sample / scale));
    equal(hexOf(encodePacket(packet)), hex);
    ok(isMedia(bytes(hex)));
  }
}

export async function what_is_no_message_is_refused() {
  const all = (await vectors("refused")).filter((/** @type {{by: string}} */ { by }) => by === "codec");
  ok(all.length > 5);
  for (const { name, hex } of all) {
    try {
      raises(() => decodeMessage(bytes(hex)), WireError);
    } catch (error) {
      throw new Error(`${name}: ${error}`);
    }
  }
}

export async function what_is_no_packet_is_refused() {
  for (const { name, hex, append_zero_bytes: zeros = 0 } of await vectors("refused_packets")) {
    try {
      raises(() => decodePacket(bytes(hex + "00".repeat(zeros))), WireError);
    } catch (error) {
      throw new Error(`${name}: ${error}`);
    }
  }
}

export function a_position_in_the_payload_is_where_it_was_written() {
  const payload = new Uint8Array(new Float32Array([0.5, -0.25]).buffer);
  const pos = 2 ** 40 + 7;
  const packet = { kind: 0x10, flags: 1, sid: 3, seq: 9, pos, frames: 1, codec: F32, epoch: 200, tx_us: 5, payload };
  const again = decodePacket(encodePacket(packet).buffer);
  equal([again.pos, again.epoch, Array.from(samples(again))], [pos, 200, [0.5, -0.25]]);
}

export function what_cannot_be_said_is_refused_before_it_is_sent() {
  raises(() => encodeMessage({ t: "x", value: NaN }), MsgpackError);
  raises(() => encodeMessage({ t: "x", value: "a".repeat(70000) }), MsgpackError);
}
