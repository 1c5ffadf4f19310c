from __future__ import annotations

from server.realtime.limits import Limits
from server.realtime.session import Session
from server.realtime.tokens import Tokens, name_of
from tests.peers.house import principal


def session(client: str = "client") -> Session:
    return Session(client, principal(), "a test", Limits(), 0.0)


def test_a_token_leads_to_its_session_and_to_the_next_token() -> None:
    tokens, mine = Tokens(), session()
    found = tokens.redeem(tokens.issue(mine))
    assert found is not None
    assert found[0] is mine


def test_unknown_tokens_lead_nowhere() -> None:
    assert Tokens().redeem("unknown") is None


def test_the_former_token_gives_the_same_successor_until_the_client_speaks() -> None:
    tokens, mine = Tokens(), session()
    first = tokens.issue(mine)
    _, second = tokens.redeem(first) or (None, "")
    assert tokens.redeem(first) == (mine, second)
    tokens.confirm(mine)
    assert tokens.redeem(first) is None
    assert tokens.redeem(second) is not None


def test_using_the_successor_ends_the_former() -> None:
    tokens, mine = Tokens(), session()
    first = tokens.issue(mine)
    _, second = tokens.redeem(first) or (None, "")
    _, third = tokens.redeem(second) or (None, "")
    assert len({first, second, third}) == 3
    assert tokens.redeem(first) is None
    assert tokens.redeem(second) == (mine, third)


def test_confirming_without_a_resume_changes_nothing() -> None:
    tokens, mine = Tokens(), session()
    first = tokens.issue(mine)
    tokens.confirm(mine)
    tokens.confirm(session("nobody"))
    assert tokens.redeem(first) is not None


def test_only_hashes_of_valid_tokens_are_named() -> None:
    tokens, mine = Tokens(), session()
    first = tokens.issue(mine)
    assert tokens.names(mine) == (name_of(first),)
    _, second = tokens.redeem(first) or (None, "")
    assert set(tokens.names(mine)) == {name_of(first), name_of(second)}
    tokens.confirm(mine)
    assert tokens.names(mine) == (name_of(second),)


def test_a_revoked_session_has_no_token() -> None:
    tokens, mine, other = Tokens(), session(), session("other")
    first, kept = tokens.issue(mine), tokens.issue(other)
    tokens.revoke(mine)
    tokens.revoke(mine)
    assert tokens.names(mine) == ()
    assert tokens.redeem(first) is None
    assert tokens.redeem(kept) is not None
