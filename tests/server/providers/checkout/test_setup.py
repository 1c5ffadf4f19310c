from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from server.kit.clock import ManualClock
from server.kit.settings import Settings, folder_secret
from server.providers.checkout.setup import SIGNING_FILE, open_local

if TYPE_CHECKING:
    from pathlib import Path

    from server.kit.db import Database

NO_DATABASE = cast("Database", None)
"""Nothing is asked of it here."""


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"host": "::", "tls": True}, "https://[::1]:8000"),
        ({"host": "192.0.2.7", "port": 80}, "http://192.0.2.7:80"),
    ],
)
def test_the_stand_in_writes_to_this_server_with_a_secret_of_the_folder(
    given: dict[str, Any], address: str, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, **given)
    courier = open_local(settings, NO_DATABASE, ManualClock()).courier
    assert courier._url == f"{address}/api/webhooks/local"
    assert courier._secret == folder_secret(tmp_path, SIGNING_FILE)
    assert courier._host in settings.hosts
