"""Stripe by somebody else: localstripe in a process of its own, and what a customer does at its pages."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 30.0
GOOD_CARD = "4242424242424242"


@dataclass
class LocalStripe:
    """The running peer; each method is a request of its API that is not ours to make."""

    url: str
    http: httpx2.Client

    def ask(self, method: str, path: str, **fields: Any) -> Any:
        answer = self.http.request(method, path, data=fields)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def sell(self, price: str, amount_minor: int) -> None:
        """A price of the merchant's, which this peer calls a plan."""
        product = {"product[name]": "Soundwell"}
        self.ask(
            "POST", "/v1/plans", id=price, amount=amount_minor, currency="eur", interval="month", **product
        )

    def put_card(self, customer: str, number: str = GOOD_CARD) -> None:
        """As somebody does on the checkout page."""
        card = {"card[number]": number, "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": 123}
        method = self.ask("POST", "/v1/payment_methods", type="card", **card)["id"]
        self.ask("POST", f"/v1/payment_methods/{method}/attach", customer=customer)
        chosen = {"invoice_settings[default_payment_method]": method}
        self.ask("POST", f"/v1/customers/{customer}", **chosen)

    def subscribe(self, customer: str, price: str) -> str:
        """What Stripe does when the page has been paid."""
        items = {"items[0][plan]": price}
        return str(self.ask("POST", "/v1/subscriptions", customer=customer, **items)["id"])

    def pay(self, customer: str, amount_minor: int, reference: str) -> str:
        """A payment of something that is bought once."""
        more = {"metadata[reference]": reference}
        method = self.ask("GET", f"/v1/payment_methods?customer={customer}&type=card")["data"][0]["id"]
        made = self.ask(
            "POST",
            "/v1/payment_intents",
            customer=customer,
            amount=amount_minor,
            currency="eur",
            payment_method=method,
            confirm="true",
            **more,
        )
        return str(made["id"])

    def refund(self, payment: str, amount_minor: int) -> None:
        charge = self.ask("GET", f"/v1/payment_intents/{payment}")["latest_charge"]
        charge_id = charge["id"] if isinstance(charge, dict) else charge
        self.ask("POST", "/v1/refunds", charge=charge_id, amount=amount_minor)

    def send_messages_to(self, url: str, secret: str) -> None:
        self.ask("POST", "/_config/webhooks/ours", url=url, secret=secret)


@contextlib.contextmanager
def localstripe() -> Iterator[LocalStripe]:
    """Until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=url, auth=("sk_test_ours", ""), verify=False, timeout=10) as http:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                try:
                    http.get("/v1/customers")
                except httpx2.TransportError:
                    assert time.monotonic() < deadline
                    assert process.poll() is None
                    time.sleep(0.05)
                else:
                    break
            yield LocalStripe(url, http)
    finally:
        process.terminate()
        process.wait()
