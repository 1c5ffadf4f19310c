/** The bytes of `soundwell.v1`: control maps and media packets (first byte below 0x80). Pure: bytes in, values out. */

import { MsgpackError, decode, encode } from "./msgpack.js";

export const SUBPROTOCOL = "soundwell.v1";
export const RATE_HZ = 48000;
export const LOOKAHEAD_FRAMES = 480;
export const HEADER_BYTES = 24;

export const AUDIO = 0x10;
export const METERS = 0x20;
export const SPLICE = 1;
export const END = 2;
export const S16 = 1;
export const F32 = 3;

const MAX_FRAMES = 7200;
const CHANNELS = 2;
const SAMPLE_BYTES = new Map([[S16, 2], [F32, 4]]);

export class WireError extends Error {}

/**
 * @typedef {object} Packet
 * @property {number} kind AUDIO or METERS
 * @property {number} flags SPLICE | END | …
 * @property {number} sid stream handle
 * @property {number} seq per stream and connection
 * @property {number} pos first frame on the stream's timeline
 * @property {number} frames frames in the payload
 * @property {number} codec S16 or F32
 * @property {number} epoch low byte of the stream's generation
 * @property {number} tx_us low 32 bits of the server's clock
 * @property {Uint8Array} payload
 */

/** @typedef {Record<string, unknown> & {t: string}} Message */

/** @param {ArrayBuffer} buffer a whole WebSocket message */
export function isMedia(buffer) {
  return buffer.byteLength > 0 && new Uint8Array(buffer, 0, 1)[0] < 0x80;
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {Message}
 */
export function decodeMessage(buffer) {
  let value;
  try {
    value = decode(new Uint8Array(buffer));
  } catch (error) {
    if (error instanceof MsgpackError) throw new WireError(error.message);
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new WireError("a message must be a map");
  const message = /** @type {Record<string, unknown>} */ (value);
  if (typeof message.t !== "string") throw new WireError("a message must name its type");
  return /** @type {Message} */ (message);
}

/** @param {Message} message */
export function encodeMessage(message) {
  return encode(message);
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {Packet}
 */
export function decodePacket(buffer) {
  if (buffer.byteLength < HEADER_BYTES) throw new WireError("a packet is shorter than its header");
  const view = new DataView(buffer, 0, HEADER_BYTES);
  const pos = Number(view.getBigUint64(8, true));
  if (!Number.isSafeInteger(pos)) throw new WireError("a position lies beyond 2^53");
  const packet = {
    kind: view.getUint8(0),
    flags: view.getUint8(1),
    sid: view.getUint16(2, true),
    seq: view.getUint32(4, true),
    pos,
    frames: view.getUint16(16, true),
    codec: view.getUint8(18),
    epoch: view.getUint8(19),
    tx_us: view.getUint32(20, true),
    payload: new Uint8Array(buffer, HEADER_BYTES),
  };
  if (packet.kind === AUDIO) checkAudio(packet);
  else if (packet.kind !== METERS) throw new WireError(`packets of kind 0x${packet.kind.toString(16)} are unknown`);
  return packet;
}

/** @param {Packet} packet */
function checkAudio(packet) {
  if (packet.frames < 1 || packet.frames > MAX_FRAMES) throw new WireError("a packet holds 1 to 7200 frames");
  const bytes = SAMPLE_BYTES.get(packet.codec);
  if (bytes === undefined) throw new WireError(`codec ${packet.codec} is unknown`);
  if (packet.payload.length !== packet.frames * CHANNELS * bytes) throw new WireError("a payload does not fit its header");
}

/**
 * The header as bytes; the twin of `decodePacket`, for tests and feeders.
 * @param {Packet} packet
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodePacket(packet) {
  const bytes = new Uint8Array(HEADER_BYTES + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, packet.kind);
  view.setUint8(1, packet.flags);
  view.setUint16(2, packet.sid, true);
  view.setUint32(4, packet.seq, true);
  view.setBigUint64(8, BigInt(packet.pos), true);
  view.setUint16(16, packet.frames, true);
  view.setUint8(18, packet.codec);
  view.setUint8(19, packet.epoch);
  view.setUint32(20, packet.tx_us, true);
  bytes.set(packet.payload, HEADER_BYTES);
  return bytes;
}

/**
 * Interleaved float samples of an audio packet: s16 / 32768, or f32 as they are.
 * @param {Packet} packet
 * @returns {Float32Array}
 */
export function samples(packet) {
  const { buffer, byteOffset } = packet.payload;
  const count = packet.frames * CHANNELS;
  if (packet.codec === F32) return new Float32Array(buffer, byteOffset, count);
  const integers = new Int16Array(buffer, byteOffset, count);
  const floats = new Float32Array(count);
  for (let i = 0; i < count; i += 1) floats[i] = integers[i] / 32768;
  return floats;
}
