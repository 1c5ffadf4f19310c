from __future__ import annotations

import re

import pytest

from server.listening import evidence

FINDINGS = [one for one in vars(evidence).values() if isinstance(one, evidence.Finding)]
CLAIMS = re.compile(r"proven|cure|treat|heal|clinical|guarantee|boost|!", re.IGNORECASE)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda one: one.source)
def test_every_finding_is_a_sentence_with_a_source_and_no_claim(finding: evidence.Finding) -> None:
    assert finding.text.endswith(".")
    assert finding.source
    assert not CLAIMS.search(finding.text)


@pytest.mark.parametrize("side", [evidence.ATTENTION, evidence.CALM, evidence.ALERTNESS])
def test_both_sides_are_told(side: evidence.Evidence) -> None:
    assert side.supporting
    assert len(side.opposing) >= len(side.supporting)


def test_that_it_may_do_nothing_is_said() -> None:
    assert "It may do nothing for you." in evidence.NOTE
