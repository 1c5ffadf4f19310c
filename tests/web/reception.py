"""Answers as the routes of accounts do, from memory: for what a healthy server shows to nobody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.web.screen import Screen

EMAIL: Final = "jo@example.org"
PASSWORD: Final = "gentle rain"
REQUEST_ID: Final = "7f3a91c2"
AGENT: Final = "Mozilla/5.0 (iPhone) Safari/605"
CHROME: Final = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36"
DAY_S: Final = 86_400
PERIOD_START: Final = time.time() - 8 * DAY_S
PERIOD_END: Final = PERIOD_START + 30 * DAY_S
PRICE: Final = {"id": "pro-month", "every": "month", "amount_minor": 900, "currency": "EUR"}
PLANS: Final = [
    {"name": "free", "title": "Free", "prices": []},
    {"name": "pro", "title": "Pro", "prices": [PRICE]},
]
INVOICES: Final = [
    {
        "id": f"in_{month}",
        "amount_minor": 900,
        "currency": "EUR",
        "status": "paid",
        "url": "https://pay.example/bill",
        "issued_at": PERIOD_START - month * 30 * DAY_S,
    }
    for month in range(3)
]
BALANCE: Final = {
    "available": 120,
    "earned": 20,
    "bought": 100,
    "held": 0,
    "grants": [],
}
PACKS: Final = [
    {"id": "pack-100", "title": "100 tokens", "tokens": 100, "price_minor": 500, "currency": "EUR"}
]


class Reception:
    """One account, and who is logged in to it; `refusals` come first, once each."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.me: dict[str, Any] = {
            "user_id": "0b7e0000-0000-4000-8000-000000000001",
            "kind": "user",
            "plan": "free",
            "role": "user",
            "email": EMAIL,
            "is_verified": False,
            "has_second_factor": False,
            "name": "",
            "zone": "Europe/Berlin",
            "artist_name": "",
            "bio": "",
            "website": "",
            "country": "",
            "language": "",
            "created_at": 1_794_693_600,
        }
        self.devices = [device(1, CHROME, is_this=True), device(2, AGENT, is_this=False)]
        self.keys: list[dict[str, Any]] = []
        self.subscription = subscription("trial")
        self.refusals: dict[str, tuple[int, dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.is_away = False
        screen.page.route("**/api/**", as_guest)
        for path in ("auth/**", "account", "account/**", "billing/**", "tokens/**"):
            screen.page.route(f"**/api/{path}", self.answer)

    def refuse(self, what: str, status: int, code: str, **more: Any) -> None:
        """The next request of this kind, such as `POST auth/login`, is refused."""
        self.refusals[what] = (status, {"code": code, "error": f"Refused: {code}.", **more})

    def answer(self, route: Route) -> None:
        request = route.request
        what = f"{request.method} {request.url.split('/api/')[1]}"
        self.asked.append(what)
        if self.is_away:
            route.abort()
        elif what in self.refusals:
            status, refusal = self.refusals.pop(what)
            route.fulfill(status=status, json={"ok": False, "request_id": REQUEST_ID, **refusal})
        else:
            route.fulfill(json={"ok": True, "data": self._data(what, request.post_data_json or {})})

    def _data(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        method, _, path = what.partition(" ")
        if path.startswith(("billing/", "tokens/")):
            self._change_plan(what)
            return self._money(what)
        if path in ("auth/register", "auth/login", "auth/refresh"):
            return {"access_token": f"token {len(self.asked)}", "user": self.me}
        if path == "auth/sessions":
            ended = len(self.devices) - 1
            self.devices = self.devices[:1] if method == "DELETE" else self.devices
            return {"count": ended, "sessions": self.devices}
        if path == "auth/api-keys":
            if method == "POST":
                self.keys.append(key(len(self.keys) + 1, body))
                return {**self.keys[-1], "key": "sw_live_0123456789abcdef0123456789abcdef"}
            return {"keys": self.keys}
        if method == "DELETE" and path != "account":
            id_ = path.rpartition("/")[2]
            self.devices = [one for one in self.devices if one["id"] != id_]
            self.keys = [one for one in self.keys if one["id"] != id_]
        self._change_me(what, body)
        return self._once(what)

    def _money(self, what: str) -> dict[str, Any]:
        """Plans, bills and tokens."""
        return {
            "GET billing/subscription?all=1": self.subscription,
            "GET billing/plans": {"plans": PLANS},
            "GET billing/invoices": {"invoices": INVOICES if self.subscription["plan"] == "pro" else []},
            "GET tokens/balance": BALANCE,
            "GET tokens/transactions": {"transactions": lines()},
            "GET tokens/packs": {"packs": PACKS},
            "POST billing/cancel": {"access_until": PERIOD_END},
        }.get(what, {"url": "/#account/plan"})

    def _change_plan(self, what: str) -> None:
        if what == "POST billing/cancel":
            self.subscription["cancel_at_period_end"] = True
        elif what == "PUT billing/subscription":
            self.subscription["cancel_at_period_end"] = False

    def _change_me(self, what: str, body: dict[str, Any]) -> None:
        if what == "PUT auth/profile":
            self.me.update(body)
        elif what == "POST auth/verify-email":
            self.me["is_verified"] = True
        elif what == "POST auth/totp/confirm":
            self.me["has_second_factor"] = True
        elif what == "POST auth/totp/remove":
            self.me["has_second_factor"] = False

    def _once(self, what: str) -> dict[str, Any]:
        if what == "POST auth/totp":
            secret = "JBSWY3DPEHPK3PXP"
            return {"secret": secret, "uri": f"otpauth://totp/Soundwell:{EMAIL}?secret={secret}"}
        if what == "POST auth/totp/confirm":
            return {"codes": [f"{number:x}a1b2c3d4e" for number in range(10)]}
        if what == "GET account/export":
            return {"data": {"account": {"email": EMAIL}}}
        return self.me if what in ("GET auth/me", "PUT auth/profile") else {"message": f"Done: {what}."}


def subscription(plan: str, **change: Any) -> dict[str, Any]:
    """What a person has: the trial, Pro, or nothing."""
    has_period = plan != "free"
    item = {"plan": plan, "price_id": "pro-month", "status": "active", "period_start": PERIOD_START}
    return {
        "plan": plan,
        "title": plan.title(),
        "status": "active",
        "period_end": PERIOD_END if has_period else None,
        "cancel_at_period_end": False,
        "trial_ends": PERIOD_END if plan == "trial" else None,
        "history": [{**item, "period_end": PERIOD_END}] if has_period else [],
        **change,
    }


def lines() -> list[dict[str, Any]]:
    """A failed job's tokens come back: the statement joins the two."""
    now, left = time.time(), 120
    told = [
        ("use", -6, "Cover images", None),
        ("release", 10, "the beat failed", "j1"),
        ("reserve", -10, "a beat", "j1"),
        ("purchase", 100, "Pack of 100", None),
        ("reward", 20, "sharing a preset", None),
    ]
    found = []
    for number, (kind, amount, reason, job) in enumerate(told):
        line = {"id": str(number), "type": kind, "amount": amount, "reason": reason, "job": job}
        found.append({**line, "available": left, "created_at": now - number * 36_000})
        left -= amount
    return found


def as_guest(route: Route) -> None:
    """What is proven here is not proven to the server behind."""
    headers = {name: value for name, value in route.request.headers.items() if name != "authorization"}
    route.fallback(headers=headers)


def device(number: int, agent: str, *, is_this: bool) -> dict[str, Any]:
    """A login, used two days ago unless it is this one."""
    now = time.time()
    id_ = f"0b7e0000-0000-4000-8000-00000000010{number}"
    used_at = now if is_this else now - 2 * 86_400
    words = {"device": agent, "address": f"192.0.2.{number}"}
    return {"id": id_, "is_this": is_this, **words, "since": now - 9 * 86_400, "used_at": used_at}


def key(number: int, body: dict[str, Any]) -> dict[str, Any]:
    """A key as it is listed."""
    id_ = f"0b7e0000-0000-4000-8000-00000000020{number}"
    until = {"created_at": time.time(), "expires_at": None, "used_at": None}
    return {"id": id_, "name": body["name"], "scopes": body["scopes"], **until}


def logs_in(screen: Screen) -> Reception:
    """Somebody who was here before, and still is."""
    reception = Reception(screen)
    screen.page.evaluate("localStorage['soundwell.login'] = 'true'")
    screen.page.reload()
    screen.page.wait_for_selector(".initial")
    return reception
