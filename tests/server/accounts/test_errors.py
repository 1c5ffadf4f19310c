from __future__ import annotations

from server.accounts import errors
from server.kit.errors import SoundwellError


def test_each_refusal_has_a_code_of_its_own_and_a_sentence() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    assert len({kind.code for kind in kinds}) == len(kinds) == 8
    assert all(
        issubclass(kind, SoundwellError) and kind.message.endswith((".", "password")) for kind in kinds
    )
