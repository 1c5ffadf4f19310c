"""The post office: a letter is a row and a job of the caller's transaction; the worker sends it later.

It is sent at least once. Only one letter is under way at a time, so a worker that is killed leaves one in
doubt at most, and that goes again under the Message-ID by which a mailbox knows it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Final

import structlog

from server.kit.errors import Unavailable
from server.kit.jobs import Job, Schedule, enqueue
from server.providers import store
from server.providers.addresses import checked_address
from server.providers.ports import MailRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from server.kit.db import Connection, Database
    from server.kit.jobs import Work
    from server.kit.settings import Settings
    from server.providers.ports import Mailer
    from server.providers.store import Kind, LetterRow

SEND: Final = "send letter"
ATTEMPTS: Final = 40
"""With delays that double to an hour: a bit more than a day."""
LONGEST_DELAY_S: Final = 3600.0
KEEP_DAYS: Final = 90
UNANSWERED_DAYS: Final = 7

log = structlog.stdlib.get_logger("soundwell.mail")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to one person."""

    to: str
    subject: str
    text: str
    html: str
    kind: Kind = "transactional"
    principal_id: UUID | None = None
    unsubscribe_url: str = ""
    """Needed by every kind but the transactional one."""


async def post(conn: Connection, letter: Letter) -> UUID:
    """Give a letter to the post office; it goes if and when the caller's transaction commits."""
    letter_id = uuid.uuid4()
    await store.insert_letter(
        conn,
        letter_id,
        letter.principal_id,
        checked_address(letter.to),
        " ".join(letter.subject.split()),  # a name in it may hold line breaks, a header may not
        letter.text,
        letter.html,
        letter.kind,
        letter.unsubscribe_url,
    )
    await enqueue(conn, SEND, {"letter": str(letter_id)})
    return letter_id


def send_job(mailer_of: Callable[[Settings], Mailer]) -> Job:
    """The worker's part."""

    async def run(work: Work, payload: Mapping[str, Any]) -> None:
        await deliver(work, uuid.UUID(payload["letter"]), mailer_of(work.settings))

    return Job(SEND, run, attempts=ATTEMPTS, longest_delay_s=LONGEST_DELAY_S, at_once=1)


async def deliver(work: Work, letter_id: UUID, mailer: Mailer) -> None:
    """One attempt. Returns when the letter is out or bounced; any error asks for another attempt."""
    sender = work.settings.from_email
    async with work.db.transaction() as conn:
        letter = await store.begin_attempt(conn, letter_id, f"<{letter_id}@{_domain(sender)}>")
    if letter is None:
        return
    try:
        await mailer.send(message_of(letter, sender))
    except MailRefused as refusal:
        log.warning("letter bounced", letter=str(letter_id), error=str(refusal))
        async with work.db.transaction() as conn:
            await store.mark_bounced(conn, letter_id, str(refusal))
    except Exception as error:
        async with work.db.transaction() as conn:
            await store.mark_failed(conn, letter_id, f"{type(error).__name__}: {error}")
        raise
    else:
        await _mark_sent(work.db, letter_id)


def message_of(letter: LetterRow, sender: str) -> EmailMessage:
    """The message as it goes out: the same in each attempt, but for the boundary of its parts."""
    message = EmailMessage(policy=SMTP if letter.recipient.isascii() else SMTPUTF8)
    message["Message-ID"] = letter.message_id
    message["Date"] = letter.created_at
    message["From"] = sender
    name, _, domain = letter.recipient.rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = letter.subject
    if letter.kind == "transactional":
        message["Auto-Submitted"] = "auto-generated"
    else:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


async def forget(work: Work) -> None:
    """Retention: what was sent long ago, and questions that nobody answered."""
    async with work.db.transaction() as conn:
        await store.forget_letters(conn, KEEP_DAYS)
        await store.forget_unanswered(conn, UNANSWERED_DAYS)


SCHEDULES: Final = (Schedule("forget old letters", "41 3 * * *", forget),)


async def _mark_sent(db: Database, letter_id: UUID) -> None:
    """The letter is out and must not go again, so this waits for a database that is away."""
    while True:
        try:
            async with db.transaction() as conn:
                await store.mark_sent(conn, letter_id)
        except Unavailable:
            log.warning("letter is out, the database is away", letter=str(letter_id))
        else:
            return


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]
