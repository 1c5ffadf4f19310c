from __future__ import annotations

from uuid import uuid4

from server.kit.principal import ADMIN_SCOPE, Principal


def test_only_the_scope_makes_an_administrator() -> None:
    someone = Principal(uuid4(), "user", "pro", auth_until=0.0)
    admin = Principal(uuid4(), "user", "free", auth_until=0.0, scopes=frozenset({ADMIN_SCOPE}))

    assert not someone.is_admin
    assert admin.is_admin
