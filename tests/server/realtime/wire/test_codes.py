from __future__ import annotations

from server.realtime import wire


def test_close_codes_are_private_and_follow_the_wire() -> None:
    assert set(wire.CLOSE_CODES.values()) == {
        *(4400, 4401, 4402, 4403, 4404, 4408, 4409, 4410, 4411, 4413, 4415, 4426, 4429, 4500, 4503, 4508)
    }


def test_a_wire_error_carries_what_an_answer_needs() -> None:
    error = wire.WireError("bad_message", "No.", re=3, field="sid")
    assert (error.code, error.message, error.re, error.field) == ("bad_message", "No.", 3, "sid")
