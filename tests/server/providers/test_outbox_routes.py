from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.app import create_app
from server.kit.settings import Settings
from server.providers.letters import Action, compose
from server.providers.local import FolderMailer, outbox_of
from tests.api.site import SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site

PAGES = ("/dev/outbox", "/api/dev/outbox")


async def keep(settings: Settings, number: int, to: str = "ada@example.org", subject: str = "Hello") -> str:
    """A letter in the outbox; its id."""
    letter_id = f"00000000-0000-4000-8000-{number:012}"
    body = compose(subject, ["Read this."], action=Action("Confirm", "https://sound.example/confirm"))
    message = EmailMessage(policy=SMTP)
    message["Message-ID"], message["Date"] = f"<{letter_id}@x>", "Sun, 22 Nov 2026 03:00:00 +0000"
    message["From"], message["To"], message["Subject"] = "Soundwell <a@b.example>", to, subject
    message.set_content(body.text)
    message.add_alternative(body.html, subtype="html")
    await FolderMailer(outbox_of(settings)).send(message)
    return letter_id


@pytest.mark.req("S1-70")
async def test_a_program_reads_the_letters_of_one_mailbox(site: Site) -> None:
    assert (await site.get("/api/dev/outbox", {}))["letters"] == []
    for number, to in enumerate(("ada@example.org", "bob@example.org", "ada@example.org")):
        await keep(site.settings, number, to)
    letters = (await site.get("/api/dev/outbox?to=ada@example.org", {}))["letters"]
    assert [letter["to"] for letter in letters] == ["ada@example.org"] * 2
    assert "https://sound.example/confirm" in letters[0]["text"]
    assert len((await site.get("/api/dev/outbox?limit=1", {}))["letters"]) == 1


@pytest.mark.req("S1-70")
async def test_the_page_lists_letters_and_frames_one_that_can_do_nothing(site: Site) -> None:
    assert "Nothing has been written yet." in (await site.http.get("/dev/outbox")).text
    older = await keep(site.settings, 1, subject="<b>First</b>")
    page = await site.http.get(f"/dev/outbox/{older}")
    assert str(outbox_of(site.settings)) in page.text, "it says that it is local, and where"
    assert "&lt;b&gt;First&lt;/b&gt;" in page.text
    assert "<script" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert f'src="/dev/outbox/{older}/html"' in page.text
    framed = await site.http.get(f"/dev/outbox/{older}/html")
    policy = framed.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert framed.headers["x-frame-options"] == "SAMEORIGIN"
    assert (await site.http.get(f"/dev/outbox/{older.replace('1', '7')}")).status_code == 404


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({"environment": "production", "public_hosts": ("testserver",)}, "127.0.0.1"),
        ({"mail": "smtp", "smtp_host": "localhost"}, "127.0.0.1"),
        ({}, "192.0.2.7"),
    ],
)
def test_elsewhere_there_is_no_outbox(
    database_url: str, redis_url: str, tmp_path: Path, more: dict[str, Any], address: str
) -> None:
    given = {
        "environment": "test",
        "database_url": database_url,
        "redis_url": redis_url,
        "data_dir": tmp_path,
    }
    settings = Settings(**{**given, "public_hosts": ("testserver",), "secret_key": SecretStr(SECRET), **more})
    with TestClient(create_app(settings), client=(address, 1)) as client:
        assert [client.get(page).status_code for page in PAGES] == [404, 404]
