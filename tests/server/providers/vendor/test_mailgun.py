from __future__ import annotations

import threading
from base64 import b64decode
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from server.kit.settings import Settings
from server.providers.ports import MailDelayed, MailRefused
from server.providers.vendor.mailgun import MailgunMailer
from tests.peers.mailserver import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mailgun(ThreadingHTTPServer):
    """Answers as its documentation says; nobody but Mailgun has the real one."""

    status = 200
    path = ""
    name_and_key = ""
    form: EmailMessage


class Handler(BaseHTTPRequestHandler):
    server: Mailgun

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        self.server.path = self.path
        self.server.name_and_key = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        self.server.form = message_from_bytes(head + body, policy=policy.default)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"message": "so it is"}')

    def log_message(self, *_: Any) -> None:
        """Nothing to the terminal."""


@pytest.fixture
def mailgun() -> Iterator[Mailgun]:
    with Mailgun(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mailer(port: int) -> MailgunMailer:
    settings = Settings(
        mail="mailgun",
        mailgun_url=f"http://127.0.0.1:{port}",
        mailgun_domain="sound.example",
        mailgun_api_key=SecretStr("key-1"),
    )
    return MailgunMailer.of(settings)


def message() -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP)
    made["Message-ID"] = "<1@sound.example>"
    made["From"], made["To"], made["Subject"] = "letters@sound.example", "ada@example.org", "Hello"
    made.set_content("Hello.\n")
    return made


@pytest.mark.req("S2-11")
async def test_the_message_is_handed_over_as_it_is(mailgun: Mailgun) -> None:
    await mailer(mailgun.server_port).send(message())
    fields = {
        part.get_param("name", header="content-disposition"): part for part in mailgun.form.iter_parts()
    }
    assert mailgun.path == "/v3/sound.example/messages.mime"
    assert mailgun.name_and_key == "api:key-1"
    assert fields["to"].get_content().strip() == "ada@example.org"
    (sent,) = fields["message"].iter_parts()
    assert sent["Message-ID"] == "<1@sound.example>"


@pytest.mark.parametrize(
    ("status", "becomes"),
    [(400, MailRefused), (401, MailDelayed), (404, MailDelayed), (429, MailDelayed), (503, MailDelayed)],
)
async def test_only_what_is_wrong_with_the_letter_is_a_bounce(
    mailgun: Mailgun, status: int, becomes: type[Exception]
) -> None:
    mailgun.status = status
    with pytest.raises(becomes, match=f"{status} .*so it is"):
        await mailer(mailgun.server_port).send(message())


async def test_no_answer_is_a_delay() -> None:
    with pytest.raises(MailDelayed):
        await mailer(free_port()).send(message())
