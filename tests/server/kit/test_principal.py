from __future__ import annotations

from uuid import uuid4

from server.kit.principal import ADMIN_SCOPE, Principal


def test_only_the_scope_makes_an_administrator() -> None:
    someone = Principal(uuid4(), "user", "pro", auth_until=0.0)
    admin = Principal(uuid4(), "user", "free", auth_until=0.0, scopes=frozenset({ADMIN_SCOPE}))

    assert not someone.is_admin
    assert admin.is_admin


def test_a_key_limits_its_owner_to_what_it_is_for() -> None:
    admin = Principal(uuid4(), "user", "pro", auth_until=100.0, scopes=frozenset({ADMIN_SCOPE}))
    key = admin.limited(frozenset({"listen"}), 50.0)
    assert (key.is_admin, key.auth_until) == (False, 50.0)
    assert (key.may("listen"), key.may("tokens"), key.may(None)) == (True, False, False)
    assert admin.may(None)
    assert admin.limited(frozenset({ADMIN_SCOPE}), 50.0).is_admin
