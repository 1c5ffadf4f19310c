from __future__ import annotations

import inspect
import typing

from server.realtime import actions
from server.realtime.gateway import Gateway


def test_the_gateway_performs_every_action() -> None:
    performed = inspect.getsource(Gateway._perform)
    kinds = typing.get_args(actions.Action)
    assert len(kinds) == 8
    for kind in kinds:
        assert f"case {kind.__name__}(" in performed
