from __future__ import annotations

import uuid

from server.accounts.hooks import Claimed, Hooks
from server.app import HOOKS


def test_a_slice_that_keeps_something_of_people_hears_of_all_that_happens_to_them() -> None:
    assert Hooks() == Hooks((), (), (), ())
    assert [len(one) > 0 for one in (HOOKS.on_guest_claimed, HOOKS.on_deleted, HOOKS.on_exported)] == [
        True
    ] * 3
    guest, user = uuid.uuid4(), uuid.uuid4()
    assert Claimed(guest, user) == Claimed(guest_id=guest, user_id=user)
