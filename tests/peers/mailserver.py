"""A mail server that nobody here wrote (aiosmtpd), which a test may tell what to answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

TAKEN = "250 OK"
NAME, PASSWORD = b"soundwell", b"a good password"


@dataclass
class MailServer:
    """What arrived, and how the next letters are answered."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    mail_answer: str = TAKEN
    rcpt_answer: str = TAKEN
    data_answer: str = TAKEN
    pause_s: float = 0.0
    """Between taking a letter and saying so: who dies here does not know."""
    hangs_up: bool = False
    """Whether it ends the connection instead of taking leave."""
    sessions: list[Any] = field(default_factory=list)
    """Of the letters that arrived."""

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]

    async def handle_MAIL(  # noqa: N802 - the name by which aiosmtpd calls it
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.mail_answer

    async def handle_RCPT(  # noqa: N802 - see above
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.rcpt_answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.rcpt_answer

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - see above
        if self.data_answer == TAKEN:
            message = message_from_bytes(envelope.content, policy=policy.default)
            message["X-Mail-From"], message["X-Rcpt-To"] = envelope.mail_from, envelope.rcpt_tos[0]
            self.messages.append(message)
            self.sessions.append(session)
            await asyncio.sleep(self.pause_s)
        return self.data_answer

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - see above
        if self.hangs_up:
            server.transport.abort()
        return "221 Bye"


def free_port() -> int:
    """A port that nobody listens at now."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def mail_server(server: MailServer | None = None, **options: Any) -> Iterator[MailServer]:
    """Let it listen until the block ends; `options` are those of aiosmtpd."""
    server = server or MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    """Knows one name."""
    return AuthResult(success=(given.login, given.password) == (NAME, PASSWORD), handled=False)
