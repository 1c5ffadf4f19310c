"""Media packets: a 24-byte little-endian header, then the payload."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from server.realtime.wire.codes import WireError

_HEADER = struct.Struct("<BBHIQHBBI")
HEADER_BYTES = _HEADER.size
KIND_AUDIO = 0x10
KIND_METERS = 0x20
FLAG_SPLICE = 0x01
"""Overwrites positions that were sent before."""
FLAG_END = 0x02
"""Nothing follows after this packet unless the envelope is extended."""
FLAG_RESET = 0x04
"""A new encoder begins: the decoder is reset before this packet."""
FLAG_PRE_ROLL = 0x20
"""To be decoded and not played: the decoder settles."""
MOST_FRAMES = 7200
OPUS = "opus"
CODEC_NUMBERS = {"s16": 1, "f32": 3, OPUS: 5}
CODEC_NAMES = {number: name for name, number in CODEC_NUMBERS.items()}
FRAME_BYTES = {"s16": 4, "f32": 8}
"""Bytes of one stereo frame."""


class PacketHeader(NamedTuple):
    """What stands before the samples."""

    sid: int
    pos: int
    """First frame on the stream's timeline."""
    frames: int
    codec: str
    epoch: int
    """Any generation; the wire carries its low byte."""
    seq: int = 0
    """+1 for each packet of the stream on this connection."""
    tx_us: int = 0
    """The server's monotonic microseconds; the wire carries the low 32 bits."""
    flags: int = 0


def pack_headers(
    into: bytearray | memoryview,
    offset: int,
    first: PacketHeader,
    seq: int,
    flags: Sequence[int],
    tx_us: int,
) -> None:
    """Write the headers of consecutive packets in place, as many as `flags`, at equal distances."""
    stride = len(into) // len(flags)
    number, epoch = CODEC_NUMBERS[first.codec], first.epoch & 0xFF
    sid, frames, low_us = first.sid, first.frames, tx_us & 0xFFFFFFFF
    pos = first.pos
    for one in flags:
        _HEADER.pack_into(
            into, offset, KIND_AUDIO, one, sid, seq & 0xFFFFFFFF, pos, frames, number, epoch, low_us
        )
        offset += stride
        pos += frames
        seq += 1


def parse_packet(data: bytes) -> tuple[PacketHeader, memoryview]:
    """Header and payload of an audio packet: samples, or one Opus packet; raises WireError."""
    if len(data) < HEADER_BYTES:
        raise WireError("bad_message", "A media packet has a header of 24 bytes.")
    kind, flags, sid, seq, pos, frames, codec, epoch, tx_us = _HEADER.unpack_from(data)
    if kind != KIND_AUDIO or codec not in CODEC_NAMES:
        raise WireError("bad_message", "Only audio packets in s16, f32 or Opus are known.")
    if not 0 < frames <= MOST_FRAMES or pos >= 2**53:
        raise WireError("bad_message", "A packet has 1 to 7200 frames below position 2^53.")
    name = CODEC_NAMES[codec]
    payload = memoryview(data)[HEADER_BYTES:]
    if not payload if name == OPUS else len(payload) != frames * FRAME_BYTES[name]:
        raise WireError("bad_message", "The payload does not hold the frames that the header names.")
    return PacketHeader(sid, pos, frames, name, epoch, seq, tx_us, flags), payload


@dataclass(frozen=True, slots=True)
class MeterHeader:
    """What stands before the entries of a meter packet."""

    sid: int
    seq: int
    """+1 for each meter packet of the subscription."""
    pos: int
    """First frame that the first entry describes."""
    frames: int
    """Frames that all entries describe."""
    epoch: int


def pack_meters(header: MeterHeader, entries: Sequence[tuple[int, Sequence[int]]]) -> bytes:
    """A packet of (offset in ms, levels in 1/100 dB)."""
    head = _HEADER.pack(
        KIND_METERS,
        0,
        header.sid,
        header.seq & 0xFFFFFFFF,
        header.pos,
        header.frames,
        0,
        header.epoch & 0xFF,
        0,
    )
    return head + b"".join(struct.pack(f"<H{len(row)}h", offset, *row) for offset, row in entries)


def parse_meters(data: bytes, width: int) -> tuple[MeterHeader, list[tuple[int, tuple[int, ...]]]]:
    """Header and entries of `width` levels each; raises WireError."""
    entry = struct.Struct(f"<H{width}h")
    if len(data) < HEADER_BYTES or data[0] != KIND_METERS or (len(data) - HEADER_BYTES) % entry.size:
        raise WireError("bad_message", "A meter packet has a header of 24 bytes and whole entries.")
    _, _, sid, seq, pos, frames, _, epoch, _ = _HEADER.unpack_from(data)
    rows = [(offset, tuple(levels)) for offset, *levels in entry.iter_unpack(data[HEADER_BYTES:])]
    return MeterHeader(sid, seq, pos, frames, epoch), rows


def is_control(data: bytes) -> bool:
    """Whether the first byte announces a control message."""
    return bool(data) and data[0] >= 0x80


def is_newer(epoch: int, than: int) -> bool:
    """8-bit serial comparison of two epochs."""
    return 0 < (epoch - than) & 0xFF < 128
