from __future__ import annotations

from server.accounts import errors
from server.kit.errors import SoundwellError


def test_each_refusal_has_a_code_of_its_own_and_a_sentence() -> None:
    ours = {kind for kind in _below(SoundwellError) if kind.__module__ == errors.__name__}
    assert len({kind.code for kind in ours}) == len(ours) == 8
    assert all(kind.message.endswith(".") for kind in ours)


def _below(kind: type[SoundwellError]) -> list[type[SoundwellError]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]
