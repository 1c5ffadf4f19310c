from __future__ import annotations

import uuid

from server.accounts.hooks import Claimed, Hooks
from server.app import hooks_of
from server.providers.newsletter import LocalNewsletter


def test_a_slice_that_keeps_something_of_people_hears_of_all_that_happens_to_them() -> None:
    hooks = hooks_of(LocalNewsletter("https://sound.example"))
    assert Hooks() == Hooks((), (), (), ())
    assert [len(one) > 0 for one in (hooks.on_guest_claimed, hooks.on_deleted, hooks.on_exported)] == [
        True
    ] * 3
    guest, user = uuid.uuid4(), uuid.uuid4()
    assert Claimed(guest, user) == Claimed(guest_id=guest, user_id=user)
