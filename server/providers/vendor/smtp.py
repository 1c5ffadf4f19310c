"""Any mail server by SMTP (RFC 5321), on aiosmtplib."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Final, Literal, Self

import aiosmtplib

from server.kit.limits import is_loopback
from server.providers.ports import MailDelayed, MailRefused

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage

    from server.kit.settings import Settings

TLS_PORT: Final = 465
TIMEOUT_S: Final = 20.0
PARTING_S: Final = 2.0
PERMANENT: Final = range(500, 600)

Security = Literal["tls", "starttls", "if offered"]


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """One connection per letter."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    security: Security = "starttls"
    """TLS from the first byte, TLS or nothing, or what the server offers (on our own machine)."""
    trust: ssl.SSLContext | None = None
    """Instead of the machine's own authorities."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        elsewhere: Security = "tls" if settings.smtp_port == TLS_PORT else "starttls"
        is_here = settings.smtp_host == "localhost" or is_loopback(settings.smtp_host)
        return cls(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_username,
            settings.smtp_password.get_secret_value(),
            "if offered" if is_here and elsewhere == "starttls" else elsewhere,
        )

    async def send(self, message: EmailMessage) -> None:
        client = self._client()
        try:
            await client.connect()
            await _hand_over(client, message)
        except (aiosmtplib.SMTPException, OSError) as error:
            # Before the recipient is named, a refusal is about us (name, password, sender), not the letter.
            raise MailDelayed(_told(error)) from error
        finally:
            await _part(client)

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username or None,
            password=self.password or None,
            timeout=TIMEOUT_S,
            use_tls=self.security == "tls",
            start_tls={"tls": False, "starttls": True, "if offered": None}[self.security],
            tls_context=self.trust,
        )


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """Recipient and content: what is refused here for good is a bounce."""
    recipient = parseaddr(str(message["To"]))[1]
    is_ascii = recipient.isascii()
    try:
        if not is_ascii and not client.supports_extension("smtputf8"):
            raise MailRefused("The mail server takes no address beyond ASCII (SMTPUTF8).")
        await client.mail(
            parseaddr(str(message["From"]))[1],
            options=None if is_ascii else ["SMTPUTF8", "BODY=8BITMIME"],
            encoding="ascii" if is_ascii else "utf-8",
        )
        await client.rcpt(recipient, encoding="ascii" if is_ascii else "utf-8")
        await client.data(message.as_bytes())
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
        if error.code in PERMANENT:
            raise MailRefused(_told(error)) from error
        raise


async def _part(client: aiosmtplib.SMTP) -> None:
    """Whatever happens now: the letter was taken, or it was not."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=PARTING_S)
    client.close()


def _told(error: Exception) -> str:
    """The server's own words, on one line."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return f"{type(error).__name__}: {error}"
