from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from server.realtime.framing import PONG, WHOLE_BINARY, payload_of, split


def sent(payload: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    return Frame(opcode, payload, fin).serialize(mask=True)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 4_096, 65_535])
def test_a_message_comes_out_as_it_went_in(length: int) -> None:
    payload = bytes(index % 251 for index in range(length))
    frames, rest, is_common = split(sent(payload))
    assert [(frame[0], payload_of(frame)) for frame in frames] == [(WHOLE_BINARY, payload)]
    assert (rest, is_common) == (b"", True)


def test_frames_may_be_cut_anywhere() -> None:
    data = sent(b"one") + sent(b"x" * 300) + sent(b"", Opcode.PING) + sent(b"four")
    whole, _, _ = split(data)
    for cut in range(len(data)):
        before, rest, is_common = split(data[:cut])
        after, last, _ = split(rest + data[cut:])
        assert before + after == whole
        assert is_common
        assert last == b""


@pytest.mark.parametrize(
    "frame",
    [sent(b"text", Opcode.TEXT), sent(b"part", fin=False), sent(b"", Opcode.CLOSE), sent(b"p", Opcode.PING)],
    ids=["text", "part", "close", "ping"],  # the masks are drawn anew by each process
)
def test_only_whole_binary_messages_and_pongs_have_their_first_byte(frame: bytes) -> None:
    assert split(frame) == ([frame], b"", True)
    assert frame[0] not in {WHOLE_BINARY, PONG}
    assert sent(b"", Opcode.PONG)[0] == PONG


@pytest.mark.parametrize(
    "strange", [Frame(Opcode.BINARY, b"bare").serialize(mask=False), sent(b"x" * 65_536), b"\x82\x00"]
)
def test_what_only_websockets_can_judge_is_left_to_it_from_there_on(strange: bytes) -> None:
    common = sent(b"one")
    assert split(common + strange + common) == ([common], strange + common, False)
