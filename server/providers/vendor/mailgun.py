"""Mailgun by HTTP: takes our message as it is, so that it keeps its Message-ID."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import httpx2

from server.providers.ports import MailDelayed, MailRefused

if TYPE_CHECKING:
    from email.message import EmailMessage

    from server.kit.settings import Settings

TIMEOUT_S: Final = 20.0
TAKEN: Final = 200
WRONG: Final = 400
"""The message or its recipient is not valid; other refusals are about our key, our rate or their state."""


@dataclass(frozen=True, slots=True)
class MailgunMailer:
    """One request per letter."""

    url: str
    domain: str
    api_key: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.mailgun_url, settings.mailgun_domain, settings.mailgun_api_key.get_secret_value())

    async def send(self, message: EmailMessage) -> None:
        try:
            async with httpx2.AsyncClient(auth=("api", self.api_key), timeout=TIMEOUT_S) as client:
                answer = await client.post(
                    f"{self.url}/v3/{self.domain}/messages.mime",
                    data={"to": str(message["To"])},
                    files={"message": ("letter.eml", message.as_bytes(), "message/rfc822")},
                )
        except httpx2.HTTPError as error:
            raise MailDelayed(f"{type(error).__name__}: {error}") from error
        if answer.status_code == WRONG:
            raise MailRefused(_told(answer))
        if answer.status_code != TAKEN:
            raise MailDelayed(_told(answer))


def _told(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {' '.join(answer.text.split())[:300]}"
