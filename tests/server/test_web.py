from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.serving import Serving

if TYPE_CHECKING:
    from pathlib import Path


def test_tls_is_served_with_the_local_authority(folder_for_services: Path) -> None:
    with Serving(folder_for_services / "tls", "--tls") as serving:
        assert serving.address.startswith("https://127.0.0.1:")
        assert serving.get("/healthz")[0] == 200
        assert f"Import {serving.data_dir}/tls/authority.pem into the browser" in serving.said()
        with pytest.raises(urllib.error.URLError) as refusal:
            urllib.request.urlopen(f"{serving.address}/healthz")
    assert isinstance(refusal.value.reason, ssl.SSLCertVerificationError)


def test_one_line_tells_the_address_and_one_how_to_look_after_it(folder_for_services: Path) -> None:
    with Serving(folder_for_services / "quiet") as serving:
        assert serving.get("/healthz")[0] == 200
        lines = [line for line in serving.said().splitlines() if not line.startswith("Applied ")]
    token = folder_for_services / "quiet" / "admin.token"
    assert token.read_text()
    assert lines == [
        f"Soundwell is ready at {serving.address}",
        f"Nobody looks after it yet: register, then claim it with the token in {token}",
    ]
