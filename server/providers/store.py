"""The SQL of letters and of the newsletter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.db import Connection

Kind = Literal["transactional", "newsletter"]

_INSERT_LETTER = """
INSERT INTO letters (id, principal_id, recipient, subject, text, html, kind, unsubscribe_url)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# The Message-ID is committed before the first attempt: each further one, also after a crash, has the same.
_BEGIN_ATTEMPT = """
UPDATE letters SET attempts = attempts + 1, message_id = coalesce(message_id, $2)
WHERE id = $1 AND sent_at IS NULL AND bounced_at IS NULL
RETURNING message_id, recipient, subject, text, html, kind, unsubscribe_url, created_at
"""
_MARK_SENT = "UPDATE letters SET sent_at = now(), last_error = '', text = '', html = '' WHERE id = $1"
_MARK_BOUNCED = """
UPDATE letters SET bounced_at = now(), last_error = $2, text = '', html = '' WHERE id = $1
"""
_MARK_FAILED = "UPDATE letters SET last_error = $2 WHERE id = $1"
_FORGET_LETTERS = "DELETE FROM letters WHERE created_at < now() - make_interval(days => $1)"

_ASK = """
INSERT INTO newsletter_subscriptions AS old (address_key, address, confirm_token, unsubscribe_token)
VALUES ($1, $2, $3, $4)
ON CONFLICT (address_key) DO UPDATE
SET address = excluded.address, asked_at = now(), confirm_token = excluded.confirm_token
WHERE old.confirmed_at IS NULL AND old.asked_at < now() - make_interval(secs => $5)
RETURNING confirm_token
"""
_CONFIRM = """
UPDATE newsletter_subscriptions SET confirmed_at = coalesce(confirmed_at, now())
WHERE confirm_token = $1 AND (confirmed_at IS NOT NULL OR asked_at > now() - make_interval(days => $2))
RETURNING address
"""
_LEAVE = "DELETE FROM newsletter_subscriptions WHERE unsubscribe_token = $1"
_FORGET_ADDRESS = "DELETE FROM newsletter_subscriptions WHERE address_key = $1"
_FORGET_UNANSWERED = """
DELETE FROM newsletter_subscriptions
WHERE confirmed_at IS NULL AND asked_at < now() - make_interval(days => $1)
"""
_SUBSCRIBERS = """
SELECT address, unsubscribe_token FROM newsletter_subscriptions
WHERE confirmed_at IS NOT NULL ORDER BY confirmed_at
"""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that has not gone yet."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str
    kind: Kind
    unsubscribe_url: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who confirmed."""

    address: str
    unsubscribe_token: str


async def insert_letter(
    conn: Connection,
    letter_id: UUID,
    principal_id: UUID | None,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    kind: Kind,
    unsubscribe_url: str,
) -> None:
    await conn.execute(
        _INSERT_LETTER, letter_id, principal_id, recipient, subject, text, html, kind, unsubscribe_url
    )


async def begin_attempt(conn: Connection, letter_id: UUID, message_id: str) -> LetterRow | None:
    """Count an attempt; None when nothing is left to send. The first one's `message_id` is kept."""
    row = await conn.fetchrow(_BEGIN_ATTEMPT, letter_id, message_id)
    return None if row is None else LetterRow(**row)


async def mark_sent(conn: Connection, letter_id: UUID) -> None:
    await conn.execute(_MARK_SENT, letter_id)


async def mark_bounced(conn: Connection, letter_id: UUID, error: str) -> None:
    await conn.execute(_MARK_BOUNCED, letter_id, error)


async def mark_failed(conn: Connection, letter_id: UUID, error: str) -> None:
    """Of one attempt; others follow."""
    await conn.execute(_MARK_FAILED, letter_id, error)


async def forget_letters(conn: Connection, keep_days: int) -> None:
    await conn.execute(_FORGET_LETTERS, keep_days)


async def ask(
    conn: Connection, key: str, address: str, confirm_token: str, unsubscribe_token: str, pause_s: float
) -> bool:
    """Keep a question; False when it was answered already, or asked less than `pause_s` ago."""
    asked = await conn.fetchval(_ASK, key, address, confirm_token, unsubscribe_token, pause_s)
    return asked is not None


async def confirm(conn: Connection, confirm_token: str, within_days: int) -> bool:
    return await conn.fetchval(_CONFIRM, confirm_token, within_days) is not None


async def leave(conn: Connection, unsubscribe_token: str) -> None:
    await conn.execute(_LEAVE, unsubscribe_token)


async def forget_address(conn: Connection, key: str) -> None:
    await conn.execute(_FORGET_ADDRESS, key)


async def forget_unanswered(conn: Connection, after_days: int) -> None:
    await conn.execute(_FORGET_UNANSWERED, after_days)


async def list_subscribers(conn: Connection) -> Sequence[Subscriber]:
    return [Subscriber(**row) for row in await conn.fetch(_SUBSCRIBERS)]
