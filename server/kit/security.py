"""Signed values, cookies, the CSRF token, and the headers that tell a browser what not to do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from server.kit.settings import Settings

CSRF_HEADER = "X-CSRF-Token"
CSRF_COOKIE = "sw_csrf"
GUEST_COOKIE = "sw_guest"
REFRESH_COOKIE = "sw_refresh"


def sign(value: str, purpose: str, key: bytes) -> str:
    """`value` with a proof that it is ours and meant for `purpose` (HMAC-SHA-256, RFC 2104)."""
    return f"{value}.{_mac(value, purpose, key)}"


def verify(signed: str, purpose: str, key: bytes) -> str | None:
    """The value, if `sign` made it with the same purpose and key."""
    value, dot, mac = signed.rpartition(".")
    is_ours = dot and hmac.compare_digest(mac.encode(), _mac(value, purpose, key).encode())
    return value if is_ours else None


def csrf_token(key: bytes, login_id: str) -> str:
    """What a page must repeat in a header, bound to one login or guest."""
    return _mac(login_id, "csrf", key)


def is_csrf_token(token: str, key: bytes, login_id: str) -> bool:
    return hmac.compare_digest(token.encode(), csrf_token(key, login_id).encode())


def sign_message(body: bytes, secret: bytes, at_s: int) -> str:
    """The header of a webhook: when it was signed, and a proof of both (the scheme of Stripe)."""
    return f"t={at_s},v1={_message_mac(body, secret, at_s)}"


def is_signed_message(body: bytes, header: str, secret: bytes, now_s: float, age_s: float) -> bool:
    """Whether who knows the secret signed exactly this, at most `age_s` ago."""
    stamp, _, mac = header.partition(",")
    if re.fullmatch(r"t=[0-9]{1,12}", stamp) is None or not mac.startswith("v1="):
        return False
    at_s = int(stamp[2:])
    is_theirs = hmac.compare_digest(mac[3:].encode(), _message_mac(body, secret, at_s).encode())
    return is_theirs and abs(now_s - at_s) <= age_s


def cookie(
    name: str,
    value: str,
    *,
    secure: bool,
    max_age_s: int | None = None,
    path: str = "/",
    http_only: bool = True,
    same_site: Literal["lax", "strict"] = "lax",
) -> str:
    """The value of a `Set-Cookie` header; an age of 0 deletes."""
    jar: SimpleCookie = SimpleCookie({name: value})
    morsel = jar[name]
    morsel["path"] = path
    morsel["samesite"] = same_site
    if max_age_s is not None:
        morsel["max-age"] = max_age_s
    if secure:
        morsel["secure"] = True
    if http_only:
        morsel["httponly"] = True
    return morsel.OutputString()


def content_security_policy(settings: Settings, host: str) -> str:
    """Everything from ourselves, nothing inline; files may come from their own origin."""
    files = f" {settings.files_origin}" if settings.files_origin else ""
    socket = f" {'wss' if settings.scheme == 'https' else 'ws'}://{host}" if host else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{files}",
            f"media-src 'self' data: blob:{files}",
            f"connect-src 'self'{socket}{files}",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        )
    )


def isolation_headers() -> dict[str, str]:
    """For the app document and worker scripts: they give the page shared memory and fine timers."""
    return {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
    }


def fixed_headers(settings: Settings) -> dict[str, str]:
    """What every answer carries."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
    }
    if settings.is_production:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _message_mac(body: bytes, secret: bytes, at_s: int) -> str:
    return hmac.digest(secret, b"%d." % at_s + body, hashlib.sha256).hex()


def _mac(value: str, purpose: str, key: bytes) -> str:
    # A key of its own per purpose: a value signed for one can never pass for another.
    purpose_key = hmac.digest(key, purpose.encode(), hashlib.sha256)
    mac = hmac.digest(purpose_key, value.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
