from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dsp import listen
from server.listening.renderer import ListenRenderer
from server.listening.shared import PacketCache
from tests.server.listening.desk import focus

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def test_listeners_of_one_instance_are_sent_the_same_packets_rendered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered: list[int] = []
    engine = listen.render_batch

    def counting(spans: Sequence[listen.Span], *rest: Any) -> Any:
        rendered.extend(span.frames for span in spans)
        return engine(spans, *rest)

    monkeypatch.setattr(listen, "render_batch", counting)
    renderer = ListenRenderer(listen.GranuleCache(2**24))
    one, two, other = (renderer.plan_of(focus(seed)) for seed in (1, 1, 2))
    assert one is two
    assert one is not other
    first = renderer.render([listen.Span(one, 0, 14_400, 3), listen.Span(other, 0, 4_800)], "s16", 24)
    again = renderer.render([listen.Span(two, 4_800, 14_400, 3)], "s16", 24)
    assert rendered == [14_400, 4_800, 4_800]
    expected = engine([listen.Span(one, 0, 19_200, 4)], listen.GranuleCache(2**24), "s16", 24)[0]
    payloads = expected.reshape(4, -1)[:, 24:]
    assert np.array_equal(first[0].reshape(3, -1)[:, 24:], payloads[:3])
    assert np.array_equal(again[0].reshape(3, -1)[:, 24:], payloads[1:])
    assert not np.shares_memory(first[0], again[0])


def test_a_batch_that_is_larger_than_the_cache_is_rendered_all_the_same() -> None:
    renderer = ListenRenderer(listen.GranuleCache(2**24))
    renderer._packets = PacketCache(max_bytes=20_000)
    plan = renderer.plan_of(focus(1))
    assert renderer.plan_of(focus(1)) is plan
    (found,) = renderer.render([listen.Span(plan, 0, 14_400, 3)], "s16", 24)
    (wanted,) = listen.render_batch([listen.Span(plan, 0, 14_400, 3)], listen.GranuleCache(2**24), "s16", 24)
    assert np.array_equal(found.reshape(3, -1)[:, 24:], wanted.reshape(3, -1)[:, 24:])
