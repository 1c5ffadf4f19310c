"""Media packets: a 24-byte little-endian header, then the payload."""

import struct
from dataclasses import dataclass

from server.realtime.wire.codes import WireError

_HEADER = struct.Struct("<BBHIQHBBI")
HEADER_BYTES = _HEADER.size
KIND_AUDIO = 0x10
FLAG_SPLICE = 0x01
"""Overwrites positions that were sent before."""
FLAG_END = 0x02
"""Nothing follows after this packet unless the envelope is extended."""
MOST_FRAMES = 7200
CODEC_NUMBERS = {"s16": 1, "f32": 3}
CODEC_NAMES = {number: name for name, number in CODEC_NUMBERS.items()}
FRAME_BYTES = {"s16": 4, "f32": 8}
"""Bytes of one stereo frame."""


@dataclass(frozen=True, slots=True)
class PacketHeader:
    """What stands before the samples."""

    sid: int
    seq: int
    """+1 for each packet of the stream on this connection."""
    pos: int
    """First frame on the stream's timeline."""
    frames: int
    codec: str
    epoch: int
    """Any generation; the wire carries its low byte."""
    tx_us: int
    """The server's monotonic microseconds; the wire carries the low 32 bits."""
    flags: int = 0


def pack_header(into: bytearray | memoryview, offset: int, header: PacketHeader) -> None:
    """Write the header in place."""
    _HEADER.pack_into(
        into,
        offset,
        KIND_AUDIO,
        header.flags,
        header.sid,
        header.seq & 0xFFFFFFFF,
        header.pos,
        header.frames,
        CODEC_NUMBERS[header.codec],
        header.epoch & 0xFF,
        header.tx_us & 0xFFFFFFFF,
    )


def parse_packet(data: bytes) -> tuple[PacketHeader, memoryview]:
    """Header and payload of an audio packet; raises WireError."""
    if len(data) < HEADER_BYTES:
        raise WireError("bad_message", "A media packet has a header of 24 bytes.")
    kind, flags, sid, seq, pos, frames, codec, epoch, tx_us = _HEADER.unpack_from(data)
    if kind != KIND_AUDIO or codec not in CODEC_NAMES:
        raise WireError("bad_message", "Only audio packets in s16 or f32 are known.")
    if not 0 < frames <= MOST_FRAMES or pos >= 2**53:
        raise WireError("bad_message", "A packet has 1 to 7200 frames below position 2^53.")
    name = CODEC_NAMES[codec]
    payload = memoryview(data)[HEADER_BYTES:]
    if len(payload) != frames * FRAME_BYTES[name]:
        raise WireError("bad_message", "The payload does not hold the frames that the header names.")
    return PacketHeader(sid, seq, pos, frames, name, epoch, tx_us, flags), payload


def is_control(data: bytes) -> bool:
    """Whether the first byte announces a control message."""
    return bool(data) and data[0] >= 0x80


def is_newer(epoch: int, than: int) -> bool:
    """8-bit serial comparison of two epochs."""
    return 0 < (epoch - than) & 0xFF < 128
