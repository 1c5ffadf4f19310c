from typing import Any

import numpy as np
import pytest

from dsp.base.pcm import dither_blocks, dither_index
from dsp.listen import (
    QUANTUM,
    GranuleCache,
    Instance,
    Span,
    granules_needed,
    open_instance,
    param_change,
    parse_program,
    prepare,
    render,
    render_batch,
)

CACHE = GranuleCache()
NOISE: dict[str, Any] = {"noise": {"kind": "noise", "color": "pink", "level": 50}}
TONES: dict[str, Any] = {
    "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]}
}


def _instance(layers: dict[str, Any], live_frame: int = 960 * 77) -> Instance:
    program = parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers})
    return open_instance(program, seed=1, live_frame=live_frame)


def test_a_render_is_frames_by_channels_from_any_position() -> None:
    instance = _instance(NOISE | TONES)
    whole = render(instance, 0, 9600)
    assert whole.shape == (9600, 2)
    assert whole.dtype == np.float32
    assert render(prepare(instance), 4321, 100, CACHE).tobytes() == whole[4321:4421].tobytes()
    assert render(instance, 5, 0).shape == (0, 2)


def test_a_long_render_holds_little_at_once() -> None:
    instance = _instance(NOISE)
    cache = GranuleCache(4 * 48_000 * 8)
    render(instance, 0, 10 * 48_000, cache)
    assert len(cache) == 4


def test_a_packet_has_a_free_head_and_int16_frames() -> None:
    instance = _instance(NOISE | TONES)
    plan = prepare(instance)
    start = 7 * QUANTUM
    [packet] = render_batch([Span(plan, start, QUANTUM)], CACHE, "s16", 24)
    assert packet.dtype == np.uint8
    assert packet.shape == (24 + QUANTUM * 4,)
    assert packet.flags.c_contiguous
    frames = packet[24:].view("<i2").reshape(-1, 2)
    exact = render(plan, start, QUANTUM, CACHE) * np.float32(32768)
    dither = dither_blocks()[:, dither_index(7)].T
    assert np.abs(frames - (exact + dither)).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("codec", ["s16", "f32"])
@pytest.mark.parametrize("start", [0, 480, 12_345])
def test_packets_cut_off_the_grid_are_the_same_frames(codec: Any, start: int) -> None:
    plan = prepare(param_change(_instance(NOISE | TONES), 12_400, {"noise.level": 80.0}, 1440).instance)
    frame = {"s16": 4, "f32": 8}[codec]
    [whole] = render_batch([Span(plan, 0, 20 * QUANTUM)], CACHE, codec, 0)
    [part] = render_batch([Span(plan, start, 481)], CACHE, codec, 8)
    assert part[8:].tobytes() == whole[start * frame : (start + 481) * frame].tobytes()


def test_a_batch_keeps_the_order_of_its_spans() -> None:
    plans = [
        prepare(_instance(layers, 960 * i)) for i, layers in enumerate((NOISE, TONES, NOISE | TONES) * 8)
    ]
    spans = [Span(plan, i * QUANTUM, 5 * QUANTUM) for i, plan in enumerate(plans)]
    spans[5] = Span(plans[5], 1000, 480)
    packets = render_batch(spans, CACHE, "f32", 24)
    assert len(packets) == len(spans)
    for span, packet in zip(spans, packets, strict=True):
        assert packet[24:].tobytes() == render(span.plan, span.start, span.frames, CACHE).tobytes()


def test_an_empty_batch_is_nothing() -> None:
    assert render_batch([], CACHE, "s16", 24) == []


def test_granules_are_named_in_order_of_position_with_the_reach_of_the_guard() -> None:
    plan = prepare(_instance(NOISE, live_frame=0))
    seconds = [key.second for key in granules_needed(plan, 48_000, 48_000)]
    assert seconds == [0, 1, 2]
    assert [key.second for key in granules_needed(plan, 49_920, 45_120)] == [1]
    assert granules_needed(prepare(_instance(TONES)), 0, 48_000) == ()
