"""What /metrics says of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kit.observe import REGISTRY
from server.realtime import wire
from tests.peers.client import listener
from tests.peers.waiting import until

if TYPE_CHECKING:
    from tests.peers.house import House


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"soundwell_{name}", labels) or 0.0


async def test_connections_streams_and_their_troubles_are_counted(at: House) -> None:
    connections, streams = value("connections"), value("streams")
    frames, dry, late = value("rendered_frames_total"), value("underruns_total"), value("late_splices_total")
    waits, cut = value("granule_waits_total"), value("closes_total", code="bad_message")
    at.tones.renderer.granule_s = 0.0
    async with listener(at.url) as client:
        stream = await client.open()
        await until(lambda: stream.ring.have > 9_600)
        assert value("connections") == connections + 1
        assert value("streams") == streams + 1
        assert value("rendered_frames_total") >= frames + 9_600
        assert value("granule_waits_total") > waits
        stream.is_silent = True
        report = wire.Flow(sid=stream.sid, play=0, have=0, limit=0, underruns=3, late_ms=1.5)
        await client.send(report)
        await client.send_raw("text")
        assert await client.closed() == 4400
        assert value("closes_total", code="bad_message") == cut + 1
    await until(lambda: value("connections") == connections)
    (session,) = at.gateway._reception.sessions.values()
    at.gateway._forget(session, "lost")
    await until(lambda: value("streams") == streams)
    assert value("underruns_total") >= dry + 3
    assert value("late_splices_total") >= late + 1
