from __future__ import annotations

import contextlib
import ssl
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from server.kit.certificate import authority_path, ensure_certificate
from server.kit.settings import Settings
from server.providers.ports import MailDelayed, MailRefused
from server.providers.vendor.smtp import SmtpMailer
from tests.peers.mailserver import NAME, PASSWORD, MailServer, authenticate, free_port, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def message(to: str = "ada@example.org") -> EmailMessage:
    made = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    made["Message-ID"] = "<1@sound.example>"
    made["From"], made["To"], made["Subject"] = "Soundwell <letters@sound.example>", to, "Grüße"
    made.set_content("Hello.\n.\nA line with a dot alone is part of it.\n")
    return made


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def plain(server: MailServer) -> SmtpMailer:
    """As on the server's own machine."""
    return SmtpMailer("127.0.0.1", server.port, security="if offered")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server with a certificate shows, and what trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(*ensure_certificate(folder, ["127.0.0.1"]))
    return theirs, ssl.create_default_context(cafile=authority_path(folder))


@pytest.mark.req("S1-06", "S2-11", "S2-42")
async def test_a_letter_arrives_whole(server: MailServer, plain: SmtpMailer) -> None:
    await plain.send(message())
    (arrived,) = server.messages
    assert (arrived["Message-ID"], arrived["Subject"]) == ("<1@sound.example>", "Grüße")
    assert (arrived["X-Mail-From"], arrived["X-Rcpt-To"]) == ("letters@sound.example", "ada@example.org")
    assert arrived.get_content().splitlines()[1] == "."


@pytest.mark.req("S2-42")
async def test_on_587_it_turns_to_tls_and_signs_in(secured: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, trust = secured
    options: dict[str, Any] = {"tls_context": theirs, "require_starttls": True, "auth_required": True}
    with mail_server(**options, authenticator=authenticate) as server:
        mailer = SmtpMailer("127.0.0.1", server.port, NAME.decode(), PASSWORD.decode(), "starttls", trust)
        await mailer.send(message())
        assert server.sessions[0].ssl is not None
        assert server.sessions[0].authenticated
        wrong = SmtpMailer("127.0.0.1", server.port, NAME.decode(), "a wrong password", "starttls", trust)
        with pytest.raises(MailDelayed, match="535"):  # about us: no letter bounces for it
            await wrong.send(message())
        stranger = SmtpMailer("127.0.0.1", server.port, NAME.decode(), PASSWORD.decode())
        with pytest.raises(MailDelayed, match="certificate"):
            await stranger.send(message())
        assert len(server.messages) == 1


async def test_on_465_it_speaks_tls_from_the_first_byte(
    secured: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    theirs, trust = secured
    with mail_server(ssl_context=theirs) as server:
        await SmtpMailer("127.0.0.1", server.port, security="tls", trust=trust).send(message())
        assert len(server.messages) == 1


async def test_without_tls_nothing_is_said_to_another_machine(server: MailServer) -> None:
    with pytest.raises(MailDelayed, match="STARTTLS"):
        await SmtpMailer("127.0.0.1", server.port, "name", "password").send(message())
    assert server.messages == []


@pytest.mark.parametrize(
    ("port", "host", "security"),
    [
        (465, "mail.example", "tls"),
        (587, "mail.example", "starttls"),
        (25, "mail.example", "starttls"),
        (1025, "localhost", "if offered"),
        (587, "127.0.0.1", "if offered"),
        (465, "localhost", "tls"),
    ],
)
@pytest.mark.req("S2-42")
def test_the_port_says_how_it_is_secured(port: int, host: str, security: str) -> None:
    settings = Settings(
        mail="smtp", smtp_host=host, smtp_port=port, smtp_username="u", smtp_password=SecretStr("p")
    )
    mailer = SmtpMailer.of(settings)
    assert (mailer.host, mailer.port, mailer.security) == (host, port, security)
    assert (mailer.username, mailer.password) == ("u", "p")


@pytest.mark.parametrize(
    ("stage", "answer", "becomes"),
    [
        ("rcpt_answer", "550 5.1.1 No such user", MailRefused),
        ("rcpt_answer", "450 4.2.1 Try again later", MailDelayed),
        ("data_answer", "554 5.7.1 This is spam", MailRefused),
        ("data_answer", "451 4.3.0 Something is wrong here", MailDelayed),
        ("mail_answer", "553 5.1.8 You may not write as this", MailDelayed),
        ("mail_answer", "421 4.7.0 Come back later", MailDelayed),
    ],
)
async def test_what_is_refused_for_good_is_told_from_what_is_delayed(
    server: MailServer, plain: SmtpMailer, stage: str, answer: str, becomes: type[Exception]
) -> None:
    setattr(server, stage, answer)
    with pytest.raises(becomes, match=answer):
        await plain.send(message())
    assert server.messages == []


async def test_no_server_is_a_delay() -> None:
    with pytest.raises(MailDelayed):
        await SmtpMailer("127.0.0.1", free_port(), security="if offered").send(message())


async def test_a_server_that_hangs_up_after_it_took_the_letter_has_taken_it(
    server: MailServer, plain: SmtpMailer
) -> None:
    server.hangs_up = True
    await plain.send(message())
    assert len(server.messages) == 1


async def test_an_address_beyond_ascii_needs_a_server_that_knows_it() -> None:
    with mail_server(enable_SMTPUTF8=True) as server:
        await SmtpMailer("127.0.0.1", server.port, security="if offered").send(message("søren@example.org"))
        assert server.messages[0]["X-Rcpt-To"] == "søren@example.org"
    with mail_server(enable_SMTPUTF8=False) as server:
        mailer = SmtpMailer("127.0.0.1", server.port, security="if offered")
        with pytest.raises(MailRefused, match="SMTPUTF8"):
            await mailer.send(message("søren@example.org"))
        with contextlib.suppress(MailRefused):
            await mailer.send(message())
        assert [one["X-Rcpt-To"] for one in server.messages] == ["ada@example.org"]
