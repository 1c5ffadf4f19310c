"""How the stand-in comes to be in a process: with the secret of the data folder, and our own address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.kit.settings import folder_secret
from server.providers.checkout.deliveries import Courier
from server.providers.checkout.provider import LocalPayments

if TYPE_CHECKING:
    from server.kit.clock import Clock
    from server.kit.db import Database
    from server.kit.settings import Settings

SIGNING_FILE: Final = "payments"
"""Name of the secret in the data folder with which the stand-in signs."""


def open_local(settings: Settings, database: Database, clock: Clock) -> LocalPayments:
    """The stand-in, which sends its messages to this very server."""
    secret = folder_secret(settings.data_dir, SIGNING_FILE)
    courier = Courier(
        database, clock, secret, f"{_own_address(settings)}/api/webhooks/local", settings.hosts[0]
    )
    return LocalPayments(database, clock, secret, courier)


def _own_address(settings: Settings) -> str:
    """Where this process can reach itself."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - to leave it
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls else 'http'}://{name}:{settings.port}"
