from __future__ import annotations

import gc

import numpy as np

from dsp import listen
from server.listening.shared import PacketCache, PacketKey, SharedPlans
from tests.server.listening.desk import focus


def test_equal_instances_have_one_plan_whatever_their_end() -> None:
    plans = SharedPlans()
    plan = plans.plan_of(focus(1))
    assert not plans.is_shared(plan)
    fading = listen.end_change(focus(1), 0, 1, 48_000, ((0, 1.0), (48_000, 0.0))).instance
    assert plans.plan_of(fading) is plan
    assert plans.is_shared(plan)
    assert plans.plan_of(focus(2)) is not plan


def test_a_plan_goes_with_its_last_listener() -> None:
    plans = SharedPlans()
    plan = plans.plan_of(focus(1))
    del plan
    gc.collect()
    assert len(plans._plans) == 0


def test_the_oldest_packets_go_first() -> None:
    cache, plan = PacketCache(max_bytes=300), listen.prepare(focus(1))
    keys = [PacketKey(plan, start, 4_800, "s16") for start in range(4)]
    for key in keys[:3]:
        cache.put(key, np.zeros(100, np.uint8))
    assert cache.get(keys[0]) is not None
    cache.put(keys[3], np.zeros(100, np.uint8))
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]
