from __future__ import annotations

from pathlib import Path

import pytest

from server.kit.errors import BadRequest, Unavailable
from server.providers.payments import WEBHOOK_AGE_S, BadSignature, ProviderMissing

ROOT = Path(__file__).parents[3]


def test_the_refusals_have_the_codes_that_the_design_names() -> None:
    assert (ProviderMissing.status, ProviderMissing.code) == (Unavailable.status, "provider_missing")
    assert (BadSignature.status, BadSignature.code) == (BadRequest.status, "bad_signature")


def test_a_signature_is_good_for_five_minutes() -> None:
    assert WEBHOOK_AGE_S == 300


@pytest.mark.req("S0-07", "S2-12")
def test_what_sells_knows_the_port_and_no_provider() -> None:
    for path in (ROOT / "server" / "billing").glob("*.py"):
        text = path.read_text()
        assert "providers.vendor" not in text
        assert "import stripe" not in text
