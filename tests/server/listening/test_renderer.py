from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsp import listen
from server.listening.renderer import ListenRenderer
from tests.server.listening.desk import focus

if TYPE_CHECKING:
    from server.realtime.stream import Codec


@pytest.mark.req("S0-27")
@pytest.mark.parametrize(("codec", "kind"), [("s16", "<i2"), ("f32", "<f4")])
def test_fills_what_is_missing_and_renders_what_the_engine_does(codec: Codec, kind: str) -> None:
    renderer = ListenRenderer(listen.GranuleCache(2**24))
    spans = [listen.Span(listen.prepare(focus(seed)), 960 * seed, 1920) for seed in (1, 2)]
    keys = renderer.missing(spans)
    assert keys
    assert len(set(keys)) == len(keys)
    for key in keys:
        renderer.fill(key)
    assert not renderer.missing(spans)
    arrays = renderer.render(spans, codec, 24)
    expected = listen.render_batch(spans, listen.GranuleCache(2**24), codec, 24)
    for array, wanted in zip(arrays, expected, strict=True):
        assert np.array_equal(array[24:], wanted[24:])
        samples = array[24:].view(kind).reshape(-1, 2)
        assert len(samples) == 1920
        assert np.any(samples != 0)
