from __future__ import annotations

import os
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import TYPE_CHECKING

import pytest

from server.kit.settings import Settings
from server.providers.local import FolderMailer, outbox_of, read_outbox

if TYPE_CHECKING:
    from pathlib import Path


def message(number: int, subject: str = "Grüße") -> EmailMessage:
    made = EmailMessage(policy=SMTPUTF8)
    made["Message-ID"] = f"<letter-{number}@sound.example>"
    made["Date"] = "Sun, 22 Nov 2026 03:00:00 +0000"
    made["From"], made["To"], made["Subject"] = "Soundwell <a@b.example>", "søren@example.org", subject
    made.set_content("Hello,\nyou.\n")
    made.add_alternative("<p>Hello,\nyou.</p>\n", subtype="html")
    return made


@pytest.mark.req("S1-70", "S2-11")
async def test_a_letter_is_a_file_that_reads_as_it_was_written(tmp_path: Path) -> None:
    folder = outbox_of(Settings(data_dir=tmp_path))
    assert list(read_outbox(folder, 10)) == [], "before the first letter there is no folder"
    await FolderMailer(folder).send(message(1))
    (kept,) = read_outbox(folder, 10)
    assert (kept.id, kept.to, kept.sender) == ("letter-1", "søren@example.org", "Soundwell <a@b.example>")
    assert (kept.subject, kept.text, kept.html) == ("Grüße", "Hello,\nyou.\n", "<p>Hello,\nyou.</p>\n")
    assert kept.written_at == 1_795_316_400.0
    assert folder.stat().st_mode & 0o077 == 0, "a letter may hold a key to an account"


async def test_the_same_letter_sent_twice_is_one_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    await mailer.send(message(1, "first"))
    await mailer.send(message(1, "again"))
    assert [kept.subject for kept in read_outbox(tmp_path, 10)] == ["again"]
    assert {kept.id for kept in read_outbox(tmp_path, 10)} == {"letter-1"}


async def test_the_newest_come_first_and_no_more_than_asked(tmp_path: Path) -> None:
    for number in range(3):
        await FolderMailer(tmp_path).send(message(number))
        os.utime(tmp_path / f"letter-{number}.eml", (number, number))
    assert [kept.id for kept in read_outbox(tmp_path, 2)] == ["letter-2", "letter-1"]


async def test_half_a_letter_is_no_letter(tmp_path: Path) -> None:
    (tmp_path / "letter-1.part").write_bytes(b"Message-ID: <let")
    assert list(read_outbox(tmp_path, 10)) == []
