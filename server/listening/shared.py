"""What several listeners of one instance share: its plan, and packets that one of them was just sent."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakSet, WeakValueDictionary

from dsp import listen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from server.realtime.stream import Codec

DEFAULT_BYTES: Final = 64 * 1024 * 1024


class PacketKey(NamedTuple):
    """One packet of one plan."""

    plan: listen.Plan
    start: int
    frames: int
    codec: Codec


class SharedPlans:
    """One plan for equal instances; those of which there are several listeners are known."""

    def __init__(self) -> None:
        self._plans: WeakValueDictionary[bytes, listen.Plan] = WeakValueDictionary()
        self._shared: WeakSet[listen.Plan] = WeakSet()

    def plan_of(self, instance: listen.Instance) -> listen.Plan:
        """The plan of an instance, perhaps one that somebody has already."""
        name = _digest(instance)
        plan = self._plans.get(name)
        if plan is not None:
            self._shared.add(plan)
            return plan
        plan = self._plans[name] = listen.prepare(instance)
        return plan

    def is_shared(self, plan: listen.Plan) -> bool:
        """Whether a second listener has come; the first may have gone since."""
        return plan in self._shared


class PacketCache:
    """Payloads most recently used, up to `max_bytes`; used by the render thread alone."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._most_bytes = max_bytes
        self.nbytes = 0
        """Memory that the payloads take."""
        self._payloads: OrderedDict[PacketKey, NDArray[np.uint8]] = OrderedDict()

    def get(self, key: PacketKey) -> NDArray[np.uint8] | None:
        """The payload, if it is still there."""
        found = self._payloads.get(key)
        if found is not None:
            self._payloads.move_to_end(key)
        return found

    def put(self, key: PacketKey, payload: NDArray[np.uint8]) -> None:
        """Keep a payload that nobody changes any more."""
        self._payloads[key] = payload
        self.nbytes += payload.nbytes
        while self.nbytes > self._most_bytes:
            self.nbytes -= self._payloads.popitem(last=False)[1].nbytes


def _digest(instance: listen.Instance) -> bytes:
    """Equal for instances that sound the same: fades and the end are not rendered."""
    value = instance.to_json()
    value["timeline"] = [entry for entry in value["timeline"] if entry["kind"] != "end"]  # type: ignore[attr-defined]  # as `to_json` makes it
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).digest()
