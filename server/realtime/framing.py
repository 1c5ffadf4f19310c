"""Frames of RFC 6455 §5.2 as listeners send them; whatever is less common is left to websockets.

Most messages are one small masked frame: to take it from here costs a third of what a whole parser does.
"""

from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # the compiled one where there is one

WHOLE_BINARY: Final = 0x82
"""First byte of the last and only frame of a binary message, without extensions."""
PONG: Final = 0x8A
_MASKED: Final = 0x80
_LONG: Final = 126
"""From here on the length stands in two bytes of its own, or in eight."""
_HEAD: Final = 2
"""Bytes that say what kind of frame it is."""
_LEAST: Final = 6
"""Bytes of the head of a short masked frame."""


def split(data: bytes) -> tuple[list[bytes], bytes, bool]:
    """Whole frames, what is left, and whether that is the beginning of a frame of the common kind.

    If it is not (too long, or not masked), all that follows is for websockets, which says what is wrong.
    """
    frames: list[bytes] = []
    at = 0
    while len(data) - at >= _HEAD:
        length = data[at + 1] & ~_MASKED
        if length > _LONG or not data[at + 1] & _MASKED:
            return frames, data[at:], False
        end = at + _LEAST + length
        if length == _LONG:
            end = at + _LEAST + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or len(data) - at < _LEAST:
            break
        frames.append(data[at:end])
        at = end
    return frames, data[at:], True


def payload_of(frame: bytes) -> bytes:
    """What a whole frame of the common kind holds."""
    head = _LEAST if frame[1] & ~_MASKED < _LONG else _LEAST + 2
    return apply_mask(frame[head:], frame[head - 4 : head])
