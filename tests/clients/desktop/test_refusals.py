from __future__ import annotations

from clients.desktop.errors import ListenerError, NotAllowed, NothingLeft, OtherVersion
from clients.desktop.refusals import Elsewhere, elsewhere, refusal, when
from server.realtime import wire


def refused(code: str, **args: object) -> wire.Error:
    return wire.Error(code=code, msg="No.", args=args)  # type: ignore[arg-type]  # a code of the wire


def test_each_refusal_has_its_status() -> None:
    kinds = {"upgrade_required": NothingLeft, "limit_reached": NothingLeft, "forbidden": NotAllowed}
    kinds |= {"unauthenticated": NotAllowed, "version": OtherVersion, "internal": ListenerError}
    for code, kind in kinds.items():
        assert type(refusal(refused(code))) is kind
    assert when(None) == ""


def test_where_it_plays_is_told() -> None:
    error = refused("playing_elsewhere", sessions=[{"session": "s", "device": "Laptop", "since": 0}])
    assert str(refusal(error)) == "No. It is Laptop. Stop it there, or say --take-over to play here."
    assert elsewhere(error) == Elsewhere("s", "Laptop")
    assert elsewhere(refused("playing_elsewhere")) is None
    assert elsewhere(refused("internal", sessions=[{}])) is None
    assert "--take-over" in str(refusal(refused("playing_elsewhere")))
