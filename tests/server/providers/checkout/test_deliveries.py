from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx2
import pytest

from server.kit.security import is_signed_message
from server.providers.checkout import deliveries
from server.providers.checkout.deliveries import SIGNATURE_HEADER, Courier
from tests.server.providers.checkout.conftest import SECRET, Company
from tests.server.providers.checkout.test_provider import subscribed

if TYPE_CHECKING:
    from collections.abc import Iterator


class Merchant(ThreadingHTTPServer):
    """Takes messages, or is away."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[tuple[bytes, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/webhooks/local"


class _Handler(BaseHTTPRequestHandler):
    server: Merchant

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((body, self.headers[SIGNATURE_HEADER]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with Merchant() as merchant:
        thread = Thread(target=merchant.serve_forever)
        thread.start()
        yield merchant
        merchant.shutdown()
        thread.join()


async def test_what_happened_is_told_signed_and_once(company: Company, merchant: Merchant) -> None:
    await subscribed(company)
    courier = Courier(company.database, company.clock, SECRET, merchant.url, "testserver")
    async with httpx2.AsyncClient() as http:
        while await courier.send_one(http):
            pass
    assert len(merchant.heard) == 2
    for body, header in merchant.heard:
        assert is_signed_message(body, header, SECRET, company.clock.now(), 0)


async def test_what_is_not_taken_is_told_again_later_and_signed_anew(
    company: Company, merchant: Merchant
) -> None:
    await subscribed(company)
    merchant.status = 503
    courier = Courier(company.database, company.clock, SECRET, merchant.url, "testserver")
    async with httpx2.AsyncClient() as http:
        while await courier.send_one(http):
            pass
        assert len(merchant.heard) == 2
        merchant.status = 200
        company.clock.advance(deliveries.LONGEST_RETRY_S)
        while await courier.send_one(http):
            pass
    assert len(merchant.heard) == 4
    assert {body for body, _ in merchant.heard[:2]} == {body for body, _ in merchant.heard[2:]}
    assert {header for _, header in merchant.heard[:2]}.isdisjoint(header for _, header in merchant.heard[2:])


async def test_it_runs_by_itself_and_finds_the_merchant_when_that_is_back(
    company: Company, merchant: Merchant
) -> None:
    merchant.status = 500
    company.desk.courier = Courier(company.database, company.clock, SECRET, merchant.url, "testserver")
    async with company.desk.running():
        await subscribed(company)
        company.desk.courier.wake()
        async with asyncio.timeout(30):
            while len(merchant.heard) < 2:  # noqa: ASYNC110 - another thread counts
                await asyncio.sleep(0.01)
            merchant.status = 200
            company.clock.advance(deliveries.LONGEST_RETRY_S)
            company.desk.courier.wake()
            while len(merchant.heard) < 4:  # noqa: ASYNC110 - another thread counts
                await asyncio.sleep(0.01)


async def test_nobody_at_the_address_is_no_error(company: Company) -> None:
    await subscribed(company)
    async with httpx2.AsyncClient() as http:
        assert await company.desk.courier.send_one(http)
    async with company.database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM local_deliveries WHERE delivered_at IS NULL") == 2
