"""The messages of the stand-in: written with what they tell of, signed, and sent until they are taken."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import secrets
from typing import TYPE_CHECKING, Final

import httpx2

from server.kit.errors import Unavailable
from server.kit.security import sign_message

if TYPE_CHECKING:
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database

SIGNATURE_HEADER: Final = "Local-Signature"
SEND_TIMEOUT_S: Final = 10.0
LOOK_S: Final = 10.0
"""How long a message waits that another process wrote."""
RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 3600.0
CLAIM_S: Final = 30.0
"""For so long a message is left to the process that took it."""

_CLAIM = """
UPDATE local_deliveries SET attempts = attempts + 1, next_try_at = $2
WHERE id = (
    SELECT id FROM local_deliveries WHERE delivered_at IS NULL AND next_try_at <= $1
    ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, payload, attempts
"""


async def announce(
    conn: Connection,
    now: dt.datetime,
    event_type: str,
    *,
    object_id: str,
    customer_id: str,
    reference: str = "",
) -> None:
    """Write down that something happened; it is sent after the commit."""
    event_id = f"evt_{secrets.token_urlsafe(18)}"
    about = {"id": object_id, "customer": customer_id, "reference": reference}
    payload = {"id": event_id, "type": event_type, "created": int(now.timestamp()), "data": {"object": about}}
    await conn.execute(
        "INSERT INTO local_deliveries (id, payload, next_try_at) VALUES ($1, $2, to_timestamp(0))",
        event_id,
        json.dumps(payload),
    )


class Courier:
    """Brings the messages to one address."""

    def __init__(self, database: Database, clock: Clock, secret: bytes, url: str, host: str) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret
        self._url = url
        self._host = host
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due, for ever."""
        # verify: the address is our own, on this machine, maybe with a certificate that only its owner trusts
        async with httpx2.AsyncClient(verify=False, timeout=SEND_TIMEOUT_S) as http:
            while True:
                self._woken.clear()
                with contextlib.suppress(Unavailable):
                    while await self.send_one(http):
                        pass
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._woken.wait()

    async def send_one(self, http: httpx2.AsyncClient) -> bool:
        """Try the message that is due first; whether there was one."""
        now_s = self._clock.now()
        async with self._database.connection() as conn:
            row = await conn.fetchrow(_CLAIM, _instant(now_s), _instant(now_s + CLAIM_S))
        if row is None:
            return False
        is_taken = await self._send(http, row["payload"].encode())
        pause_s = min(LONGEST_RETRY_S, RETRY_S * 2.0 ** min(row["attempts"], 20))
        async with self._database.connection() as conn:
            await conn.execute(
                """UPDATE local_deliveries SET delivered_at = CASE WHEN $2 THEN $3::timestamptz END,
                          next_try_at = $4 WHERE id = $1""",
                row["id"],
                is_taken,
                _instant(now_s),
                _instant(now_s + pause_s),
            )
        return True

    async def _send(self, http: httpx2.AsyncClient, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/json",
            "Host": self._host,
            SIGNATURE_HEADER: sign_message(body, self._secret, int(self._clock.now())),
        }
        try:
            answer = await http.post(self._url, content=body, headers=headers)
        except httpx2.HTTPError:
            return False
        return answer.is_success


def _instant(now_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(now_s, dt.UTC)
