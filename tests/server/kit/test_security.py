from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from server.kit.security import (
    content_security_policy,
    cookie,
    csrf_token,
    fixed_headers,
    is_csrf_token,
    is_signed_message,
    isolation_headers,
    sign,
    sign_message,
    verify,
)
from server.kit.settings import Settings

KEY = b"k" * 32


@given(value=st.text(), purpose=st.text())
def test_what_was_signed_is_verified(value: str, purpose: str) -> None:
    assert verify(sign(value, purpose, KEY), purpose, KEY) == value


@given(value=st.text(), position=st.integers(0), by=st.integers(1, 255))
def test_no_changed_character_passes(value: str, position: int, by: int) -> None:
    signed = sign(value, "guest", KEY)
    at = position % len(signed)
    changed = chr((ord(signed[at]) + by) % 0xD800)
    assert verify(signed[:at] + changed + signed[at + 1 :], "guest", KEY) is None


def test_a_signature_serves_one_purpose_and_one_key() -> None:
    signed = sign("ada", "guest", KEY)

    assert verify(signed, "ticket", KEY) is None
    assert verify(signed, "guest", b"other" * 8) is None
    for nonsense in ("", ".", "ada", "ada.", ".é"):
        assert verify(nonsense, "guest", KEY) is None


def test_a_csrf_token_belongs_to_one_login() -> None:
    token = csrf_token(KEY, "login-1")

    assert is_csrf_token(token, KEY, "login-1")
    assert not is_csrf_token(token, KEY, "login-2")
    assert not is_csrf_token("", KEY, "login-1")


def test_cookies_are_closed_unless_opened() -> None:
    closed = cookie("sw_guest", "v", secure=True, max_age_s=60)
    opened = cookie("sw_csrf", "v", secure=False, http_only=False, path="/api", same_site="strict")

    assert set(closed.split("; ")) == {
        "sw_guest=v",
        "Max-Age=60",
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=lax",
    }
    assert set(opened.split("; ")) == {"sw_csrf=v", "Path=/api", "SameSite=strict"}


def test_the_policy_allows_nothing_inline_and_only_our_own_hosts() -> None:
    policy = content_security_policy(
        Settings(tls=True, files_origin="https://files.example"), "sound.example"
    )
    directives = dict(part.split(" ", 1) for part in policy.split("; "))

    assert "unsafe" not in policy
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self' wss://sound.example https://files.example"
    assert directives["img-src"].endswith("https://files.example")
    assert directives["media-src"].endswith("https://files.example")
    assert "files.example" not in directives["script-src"]
    for closed in ("object-src", "base-uri", "frame-ancestors"):
        assert directives[closed] == "'none'"
    assert directives["form-action"] == "'self'"


def test_without_tls_the_socket_is_plain_and_an_unknown_host_is_not_repeated() -> None:
    assert "connect-src 'self' ws://localhost:8000;" in content_security_policy(Settings(), "localhost:8000")
    assert "connect-src 'self';" in content_security_policy(Settings(), "")


def test_only_production_insists_on_https() -> None:
    production = Settings(
        environment="production", secret_key=SecretStr("s" * 32), public_hosts=("sound.example",)
    )

    assert "Strict-Transport-Security" in fixed_headers(production)
    assert "Strict-Transport-Security" not in fixed_headers(Settings())
    assert fixed_headers(Settings())["X-Content-Type-Options"] == "nosniff"


def test_isolated_pages_get_both_headers() -> None:
    assert isolation_headers() == {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
    }


@pytest.mark.parametrize("late_s", [0, 300, -300])
def test_a_message_is_believed_while_its_signature_is_fresh(late_s: int) -> None:
    header = sign_message(b"body", b"secret", 1000)
    assert is_signed_message(b"body", header, b"secret", 1000 + late_s, 300)


@pytest.mark.parametrize(
    ("body", "header", "secret", "now_s"),
    [
        (b"other", sign_message(b"body", b"secret", 1000), b"secret", 1000),
        (b"body", sign_message(b"body", b"secret", 1000), b"another", 1000),
        (b"body", sign_message(b"body", b"secret", 1000), b"secret", 1301),
        (b"body", sign_message(b"body", b"secret", 1000).replace("t=1000", "t=1001"), b"secret", 1001),
        (b"body", "", b"secret", 1000),
        (b"body", "t=1000", b"secret", 1000),
        (b"body", "t=²,v1=0", b"secret", 1000),
        (b"body", "t=1000,v1=é", b"secret", 1000),
    ],
)
def test_a_message_of_another_or_of_another_time_is_not(
    body: bytes, header: str, secret: bytes, now_s: int
) -> None:
    assert not is_signed_message(body, header, secret, now_s, 300)
