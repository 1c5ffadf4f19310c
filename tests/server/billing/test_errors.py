from __future__ import annotations

from server.billing import errors


def test_each_has_the_status_that_clients_know() -> None:
    own = [error for error in vars(errors).values() if getattr(error, "__module__", "") == errors.__name__]
    assert {error.code: error.status for error in own} == {
        "unknown_plan": 400,
        "no_customer": 400,
        "no_subscription": 404,
        "already_subscribed": 409,
    }
