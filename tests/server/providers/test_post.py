from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped]  # as in server/kit/db.py
import pytest

from server.kit.errors import Unavailable, ValidationFailed
from server.kit.jobs import Work
from server.kit.worker import run_work
from server.providers import post
from server.providers.local import FolderMailer, outbox_of, read_outbox
from server.providers.ports import MailDelayed, MailRefused
from server.providers.post import Letter, deliver, send_job
from tests.server.providers.conftest import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from server.kit.db import Connection, Database
    from tests.server.providers.conftest import Postman

LETTER = Letter("ada@example.org", "Hello,\r\n Ada", "Hello.\n", "<p>Hello.</p>\n")
LETTERS = "SELECT * FROM letters"
JOBS = "SELECT payload FROM pgqueuer"


async def posted(work: Work, letter: Letter = LETTER) -> UUID:
    async with work.db.transaction() as conn:
        return await post.post(conn, letter)


async def test_a_letter_is_a_row_and_a_job_of_the_transaction(work: Work) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with work.db.transaction() as conn:
            await post.post(conn, LETTER)
            raise ZeroDivisionError
    assert not await rows(work.db, LETTERS)
    assert not await rows(work.db, JOBS)
    letter_id = await posted(work)
    (row,) = await rows(work.db, LETTERS)
    assert (row["id"], row["recipient"], row["sent_at"], row["attempts"]) == (letter_id, LETTER.to, None, 0)
    assert len(await rows(work.db, JOBS)) == 1


async def test_a_letter_goes_once_and_its_words_with_it(work: Work, postman: Postman) -> None:
    letter_id = await posted(work)
    await deliver(work, letter_id, postman)
    await deliver(work, letter_id, postman)
    (sent,) = postman.tried
    assert sent["Message-ID"] == f"<{letter_id}@sound.example>"
    assert (sent["To"], sent["Subject"]) == ("ada@example.org", "Hello, Ada")
    assert sent["From"] == "Søren at Soundwell <letters@sound.example>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in sent
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    (row,) = await rows(work.db, LETTERS)
    assert row["sent_at"] is not None
    assert (row["text"], row["html"], row["attempts"]) == ("", "", 1), "a link in it may open an account"


async def test_each_attempt_has_the_same_message_id_and_date(work: Work, postman: Postman) -> None:
    postman.moods = [MailDelayed("451 later"), ConnectionError("away")]
    letter_id = await posted(work)
    for error, told in ((MailDelayed, "MailDelayed: 451 later"), (ConnectionError, "ConnectionError: away")):
        with pytest.raises(error):
            await deliver(work, letter_id, postman)
        (row,) = await rows(work.db, LETTERS)
        assert row["last_error"] == told
    moved = work.settings.model_copy(update={"from_email": "other@elsewhere.example"})
    await deliver(Work(moved, work.db, work.bus, work.clock), letter_id, postman)
    assert len({str(one["Message-ID"]) for one in postman.tried}) == 1
    assert len({str(one["Date"]) for one in postman.tried}) == 1
    (row,) = await rows(work.db, LETTERS)
    assert (row["attempts"], row["last_error"], row["bounced_at"]) == (3, "", None)


async def test_a_refusal_for_good_is_a_bounce_and_the_end(work: Work, postman: Postman) -> None:
    postman.moods = [MailRefused("550 no such user")]
    letter_id = await posted(work)
    await deliver(work, letter_id, postman)
    await deliver(work, letter_id, postman)
    (row,) = await rows(work.db, LETTERS)
    assert len(postman.tried) == 1
    assert row["bounced_at"] is not None
    assert (row["sent_at"], row["last_error"], row["text"]) == (None, "550 no such user", "")


async def test_what_is_not_transactional_can_be_left_with_one_click(work: Work, postman: Postman) -> None:
    url = "https://sound.example/newsletter/unsubscribe/x"
    letter_id = await posted(work, Letter("ada@example.org", "News", "n", "n", "newsletter", None, url))
    await deliver(work, letter_id, postman)
    assert postman.tried[0]["List-Unsubscribe"] == f"<{url}>"
    assert postman.tried[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with pytest.raises(asyncpg.CheckViolationError):
        await posted(work, Letter("ada@example.org", "News", "n", "n", "newsletter"))


async def test_an_address_with_a_line_break_is_refused(work: Work) -> None:
    with pytest.raises(ValidationFailed):
        await posted(work, Letter("ada@example.org\r\nBcc: eve@example.org", "s", "t", "h"))
    assert not await rows(work.db, LETTERS)


async def test_an_address_beyond_ascii_stays_readable(work: Work, postman: Postman) -> None:
    letter_id = await posted(work, Letter("søren@example.org", "s", "t", "h"))
    await deliver(work, letter_id, postman)
    assert "To: søren@example.org\r\n".encode() in postman.tried[0].as_bytes()


async def test_a_letter_that_is_out_is_marked_however_long_the_database_is_away(
    work: Work, postman: Postman
) -> None:
    class Away:
        """The database, away for a while after the first transaction."""

        def __init__(self, db: Database) -> None:
            self.db, self.asked = db, 0

        @contextlib.asynccontextmanager
        async def transaction(self) -> AsyncIterator[Connection]:
            self.asked += 1
            if self.asked in {2, 3}:
                raise Unavailable
            async with self.db.transaction() as conn:
                yield conn

    letter_id = await posted(work)
    away = Away(work.db)
    await deliver(Work(work.settings, away, work.bus, work.clock), letter_id, postman)  # type: ignore[arg-type]  # a part of it
    assert away.asked == 4
    assert len(postman.tried) == 1
    assert (await rows(work.db, LETTERS))[0]["sent_at"] is not None


async def test_the_worker_sends_what_was_posted(work: Work) -> None:
    for number in range(3):
        await posted(work, Letter(f"{number}@example.org", "s", "t", "h"))
    stop, folder = asyncio.Event(), outbox_of(work.settings)
    worker = asyncio.create_task(run_work(work, [], [send_job(lambda _: FolderMailer(folder))], stop))
    async with asyncio.timeout(30):
        while await rows(work.db, f"{LETTERS} WHERE sent_at IS NULL"):  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.01)
    stop.set()
    await worker
    assert {kept.to for kept in read_outbox(folder, 9)} == {"0@example.org", "1@example.org", "2@example.org"}


async def test_old_letters_and_unanswered_questions_are_forgotten(work: Work) -> None:
    await posted(work)
    kept = await posted(work)
    await rows(work.db, f"UPDATE letters SET created_at = now() - interval '91 days' WHERE id <> '{kept}'")
    await rows(
        work.db,
        "INSERT INTO newsletter_subscriptions (address_key, address, asked_at, confirmed_at, confirm_token, "
        "unsubscribe_token) VALUES ('a', 'a', now() - interval '8 days', NULL, 'a', 'a'), "
        "('b', 'b', now() - interval '8 days', now(), 'b', 'b'), ('c', 'c', now(), NULL, 'c', 'c')",
    )
    await post.forget(work)
    assert [row["id"] for row in await rows(work.db, LETTERS)] == [kept]
    left = await rows(work.db, "SELECT address FROM newsletter_subscriptions ORDER BY 1")
    assert [row["address"] for row in left] == ["b", "c"]


async def test_a_letter_that_is_gone_is_no_work(work: Work, postman: Postman) -> None:
    await deliver(work, uuid.uuid4(), postman)
    assert postman.tried == []
