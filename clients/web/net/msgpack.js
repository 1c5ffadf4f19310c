/**
 * The subset of MessagePack that control messages use: nil, booleans, integers, float64, strings, arrays, maps with string
 * keys. No bytes, no extension types, no NaN, no infinities; limits as on the server, so that neither side can be made to
 * recurse.
 */

const MAX_DEPTH = 10;
const MAX_KEYS = 64;
const MAX_BYTES = 65536;
const TWO_32 = 4294967296;

export class MsgpackError extends Error {}

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

class Writer {
  constructor() {
    this.bytes = new Uint8Array(512);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  /** @param {number} count bytes that are about to be written; returns where they begin */
  room(count) {
    const start = this.length;
    this.length += count;
    if (this.length > MAX_BYTES) throw new MsgpackError("a message holds at most 64 KiB");
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return start;
  }

  /** @param {number} byte */
  u8(byte) {
    const at = this.room(1);
    this.bytes[at] = byte;
  }

  /** @param {number} tag @param {number} value */
  u16(tag, value) {
    this.u8(tag);
    const at = this.room(2);
    this.view.setUint16(at, value);
  }

  /** @param {number} tag @param {number} value */
  u32(tag, value) {
    this.u8(tag);
    const at = this.room(4);
    this.view.setUint32(at, value);
  }

  /** @param {number} value */
  float(value) {
    this.u8(0xcb);
    const at = this.room(8);
    this.view.setFloat64(at, value);
  }

  /** @param {number} value a safe integer */
  integer(value) {
    if (value >= 0) this.unsigned(value);
    else this.negative(value);
  }

  /** @param {number} value */
  unsigned(value) {
    if (value < 0x80) this.u8(value);
    else if (value < 0x100) {
      this.u8(0xcc);
      this.u8(value);
    } else if (value < 0x10000) this.u16(0xcd, value);
    else if (value < TWO_32) this.u32(0xce, value);
    else this.wide(0xcf, value);
  }

  /** @param {number} value */
  negative(value) {
    if (value >= -0x20) this.u8(value & 0xff);
    else if (value >= -0x80) {
      this.u8(0xd0);
      this.u8(value & 0xff);
    } else if (value >= -0x8000) this.u16(0xd1, value & 0xffff);
    else if (value >= -0x80000000) this.u32(0xd2, value >>> 0);
    else this.wide(0xd3, value);
  }

  /** @param {number} tag @param {number} value */
  wide(tag, value) {
    this.u8(tag);
    const at = this.room(8);
    this.view.setBigInt64(at, BigInt(value));
  }

  /** @param {bigint} value an integer that a number cannot hold */
  big(value) {
    this.u8(value < 0n ? 0xd3 : 0xcf);
    const at = this.room(8);
    this.view.setBigUint64(at, BigInt.asUintN(64, value));
  }

  /** @param {string} value */
  string(value) {
    const raw = utf8.encode(value);
    if (raw.length < 32) this.u8(0xa0 | raw.length);
    else if (raw.length < 0x100) {
      this.u8(0xd9);
      this.u8(raw.length);
    } else this.u16(0xda, this.fits(raw.length));
    this.raw(raw);
  }

  /** @param {number} count */
  fits(count) {
    if (count >= 0x10000) throw new MsgpackError("a message holds at most 64 KiB");
    return count;
  }

  /** @param {Uint8Array} raw */
  raw(raw) {
    const at = this.room(raw.length);
    this.bytes.set(raw, at);
  }

  /** @param {unknown} value @param {number} depth */
  value(value, depth) {
    if (value === null || value === undefined) this.u8(0xc0);
    else if (typeof value === "boolean") this.u8(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "bigint") this.big(value);
    else if (typeof value === "string") this.string(value);
    else this.nested(/** @type {object} */ (value), depth + 1);
  }

  /** @param {number} value */
  number(value) {
    if (!Number.isFinite(value)) throw new MsgpackError("a number must be finite");
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.integer(value);
    else this.float(value);
  }

  /** @param {object} value @param {number} depth */
  nested(value, depth) {
    if (depth > MAX_DEPTH) throw new MsgpackError("a message is nested too deeply");
    if (Array.isArray(value)) {
      if (value.length < 16) this.u8(0x90 | value.length);
      else this.u16(0xdc, this.fits(value.length));
      for (const item of value) this.value(item, depth);
      return;
    }
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length > MAX_KEYS) throw new MsgpackError("a map has too many keys");
    if (entries.length < 16) this.u8(0x80 | entries.length);
    else this.u16(0xde, this.fits(entries.length));
    for (const [key, item] of entries) {
      this.string(key);
      this.value(item, depth);
    }
  }
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** @param {number} count bytes that are about to be read; returns where they begin */
  take(count) {
    const start = this.at;
    this.at += count;
    if (this.at > this.bytes.length) throw new MsgpackError("a message is cut short");
    return start;
  }

  /** @param {number} width bytes of an unsigned big-endian integer */
  unsigned(width) {
    const at = this.take(width);
    if (width === 1) return this.view.getUint8(at);
    return width === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  /** @param {boolean} signed */
  wide(signed) {
    const at = this.take(8);
    const value = signed ? this.view.getBigInt64(at) : this.view.getBigUint64(at);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** @param {number} value */
  finite(value) {
    if (!Number.isFinite(value)) throw new MsgpackError("a number must be finite");
    return value;
  }

  /** @param {number} count */
  string(count) {
    const at = this.take(count);
    try {
      return text.decode(this.bytes.subarray(at, at + count));
    } catch {
      throw new MsgpackError("a string is not UTF-8");
    }
  }

  /** @param {number} count @param {number} depth @returns {unknown[]} */
  array(count, depth) {
    if (depth > MAX_DEPTH) throw new MsgpackError("a message is nested too deeply");
    const items = [];
    for (let i = 0; i < count; i += 1) items.push(this.value(depth));
    return items;
  }

  /** @param {number} count @param {number} depth @returns {Record<string, unknown>} */
  map(count, depth) {
    if (depth > MAX_DEPTH) throw new MsgpackError("a message is nested too deeply");
    if (count > MAX_KEYS) throw new MsgpackError("a map has too many keys");
    /** @type {Record<string, unknown>} */
    const items = Object.create(null);
    for (let i = 0; i < count; i += 1) {
      const key = this.value(depth);
      if (typeof key !== "string") throw new MsgpackError("a key must be a string");
      items[key] = this.value(depth);
    }
    return items;
  }

  /** @param {number} depth @returns {unknown} */
  value(depth) {
    const tag = this.unsigned(1);
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    if (tag < 0x90) return this.map(tag & 0x0f, depth + 1);
    if (tag < 0xa0) return this.array(tag & 0x0f, depth + 1);
    if (tag < 0xc0) return this.string(tag & 0x1f);
    return this.tagged(tag, depth);
  }

  /** @param {number} tag @param {number} depth @returns {unknown} */
  tagged(tag, depth) {
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.finite(this.view.getFloat32(this.take(4)));
      case 0xcb:
        return this.finite(this.view.getFloat64(this.take(8)));
      case 0xcc:
        return this.unsigned(1);
      case 0xcd:
        return this.unsigned(2);
      case 0xce:
        return this.unsigned(4);
      case 0xcf:
        return this.wide(false);
      case 0xd0:
        return this.view.getInt8(this.take(1));
      case 0xd1:
        return this.view.getInt16(this.take(2));
      case 0xd2:
        return this.view.getInt32(this.take(4));
      case 0xd3:
        return this.wide(true);
      case 0xd9:
        return this.string(this.unsigned(1));
      case 0xda:
        return this.string(this.unsigned(2));
      case 0xdc:
        return this.array(this.unsigned(2), depth + 1);
      case 0xde:
        return this.map(this.unsigned(2), depth + 1);
      default:
        throw new MsgpackError(`type 0x${tag.toString(16)} is not part of the protocol`);
    }
  }
}

/**
 * @param {unknown} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(value) {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.bytes.slice(0, writer.length);
}

/**
 * @param {Uint8Array} bytes one whole message
 * @returns {unknown}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new MsgpackError("bytes are left over after a message");
  return value;
}
