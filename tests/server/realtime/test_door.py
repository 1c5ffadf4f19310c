"""Who may connect, and what is refused, over real sockets."""

from __future__ import annotations

import pytest
import websockets
from structlog.testing import capture_logs

from server.kit import errors as http
from server.realtime import wire
from server.realtime.limits import Limits
from tests.peers.client import Refused, listener
from tests.peers.house import House, house, principal
from tests.peers.knock import HELLO, knock
from tests.peers.tone import raises

# Who may connect


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://test.evil.example", "https://test"]
)
async def test_a_foreign_origin_gets_403_before_the_handshake(at: House, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with knock(at.url, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a_program_without_origin_may_connect(at: House) -> None:
    async with knock(at.url, origin=None) as socket:
        await socket.send(HELLO)
        assert isinstance(await socket.next(), wire.Welcome)


async def test_welcome_tells_what_a_client_needs(at: House) -> None:
    async with knock(at.url) as socket:
        await socket.send(HELLO)
        welcome = await socket.next()
    assert isinstance(welcome, wire.Welcome)
    assert (welcome.v, welcome.resume_ttl_s, welcome.features) == (1, 120, ("listen", "events"))
    assert welcome.user == {"plan": "guest", "trial_ends": None, "allowance": None}
    assert welcome.limits["streams"] == 1
    assert welcome.limits["connections"] == 2


REFUSED_AT_THE_DOOR: list[tuple[wire.Message | bytes | str, str, int]] = [
    ("text", "bad_message", 4400),
    (b"\xc1", "bad_message", 4400),
    (wire.encode(wire.Bye()), "bad_message", 4400),
    (wire.Hello(v=(1,)), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="unknown"), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="expired"), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="upgrade"), "upgrade_required", 4402),
    (wire.Hello(v=(1,), ticket="suspended"), "forbidden", 4403),
    (wire.Hello(v=(1,), ticket="gone"), "not_found", 4404),
    (wire.Hello(v=(1,), resume={"token": "x"}), "resume_expired", 4410),
    (wire.Hello(v=(1,), ticket="guest", caps={"codecs": ("opus",)}), "unsupported_codec", 4415),
    (wire.Hello(v=(2, 3), ticket="guest"), "version", 4426),
    (b"\x81" + b"x" * 4096, "too_big", 4413),
    (wire.Hello(v=(1,), ticket="down"), "overloaded", 4503),
    (wire.Hello(v=(1,), ticket="broken"), "internal", 4500),
]


@pytest.mark.parametrize(("message", "code", "close"), REFUSED_AT_THE_DOOR)
async def test_refusals_at_the_door_are_accept_error_close(
    at: House, message: wire.Message | bytes | str, code: str, close: int
) -> None:
    at.principals.update(
        expired=principal(lives_s=-1),
        upgrade=http.UpgradeRequired("Not in your plan.", feature="realtime"),
        suspended=http.Forbidden("This account is suspended."),
        gone=http.NotFound("This account is gone."),
        down=http.Unavailable("The database is away."),
        broken=RuntimeError("a defect"),
    )
    with capture_logs():
        async with knock(at.url) as socket:
            await socket.send(message)
            error, closed = await socket.end()
    assert error is not None
    assert (error.code, error.fatal, closed) == (code, True, close)


@pytest.mark.parametrize("subprotocols", [(), ("soundwell.v9",)])
async def test_a_subprotocol_that_nobody_knows_is_told(at: House, subprotocols: tuple[str, ...]) -> None:
    async with knock(at.url, subprotocols=subprotocols) as socket:
        error, closed = await socket.end()
    assert error is not None
    assert (error.code, closed) == ("version", 4426)


async def test_without_a_hello_a_socket_is_closed(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(hello_s=0.05)) as at, knock(at.url) as socket:
        error, closed = await socket.end()
    assert error is not None
    assert (error.code, closed) == ("timeout", 4408)


async def test_one_address_has_ten_waiting_sockets(redis_url: str) -> None:
    async with (
        house(redis_url, limits=Limits(waiting_per_address=1)) as at,
        knock(at.url) as first,
        knock(at.url) as second,
    ):
        error, closed = await second.end()
        assert error is not None
        assert (error.code, closed) == ("rate_limited", 4429)
        await first.send(HELLO)
        assert isinstance(await first.next(), wire.Welcome)
        async with knock(at.url) as third:
            await third.send(HELLO)
            assert isinstance(await third.next(), wire.Welcome)


async def test_a_guest_has_two_connections(at: House) -> None:
    async with listener(at.url), listener(at.url), knock(at.url) as third:
        await third.send(HELLO)
        error, closed = await third.end()
    assert error is not None
    assert (error.code, closed) == ("limit_reached", 4429)


async def test_what_is_said_before_the_welcome_is_heard_after_it(at: House) -> None:
    async with knock(at.url) as socket:
        await socket.send(HELLO, *(wire.TimeProbe(id=number, c0=0.0) for number in range(1, 4)))
        assert isinstance(await socket.next(), wire.Welcome)
        answers = [await socket.next() for _ in range(3)]
    assert [answer.re for answer in answers if isinstance(answer, wire.TimeAnswer)] == [1, 2, 3]


# Refusals of requests


async def test_what_an_opener_refuses_is_told_in_the_codes_of_the_wire(at: House) -> None:
    raised: list[tuple[Exception, str]] = [
        (http.UpgradeRequired("Not in your plan.", feature="presets"), "upgrade_required"),
        (http.LimitReached("Used up.", resets_at="tomorrow"), "limit_reached"),
        (http.ValidationFailed("No.", field="preset"), "invalid_param"),
        (http.NotFound("No such preset."), "not_found"),
        (http.Forbidden("No."), "forbidden"),
        (http.Unavailable("Away.", retry_after_s=2), "overloaded"),
        (RuntimeError("a defect"), "internal"),
    ]
    async with listener(at.url) as client:
        for error, code in raised:
            with capture_logs(), pytest.raises(Refused) as refused:
                await client.open(**{"raise": raises(code, error)})
            assert refused.value.error.code == code
            assert not refused.value.error.fatal
            told = refused.value.error
            assert told.field == getattr(error, "field", None)
            assert told.args == getattr(error, "extra", {})


async def test_what_the_gateway_itself_refuses_to_open(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(capacity=2)) as at, listener(at.url, "pro") as client:
        with pytest.raises(Refused, match="unsupported_codec"):
            await client.open(codec_pref=("opus",))
        with pytest.raises(Refused) as refused:
            await client.open(kind="preview")
        assert (refused.value.error.code, refused.value.error.field) == ("invalid_param", "kind")
        await client.open(cost=2.0)
        with pytest.raises(Refused) as refused:
            await client.open()
        assert refused.value.error.code == "overloaded"
        assert refused.value.error.retry_ms == 5000
