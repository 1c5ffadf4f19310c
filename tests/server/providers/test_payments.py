from __future__ import annotations

from server.kit.errors import BadRequest, Unavailable
from server.providers.payments import WEBHOOK_AGE_S, BadSignature, ProviderMissing


def test_the_refusals_have_the_codes_that_the_design_names() -> None:
    assert (ProviderMissing.status, ProviderMissing.code) == (Unavailable.status, "provider_missing")
    assert (BadSignature.status, BadSignature.code) == (BadRequest.status, "bad_signature")


def test_a_signature_is_good_for_five_minutes() -> None:
    assert WEBHOOK_AGE_S == 300
