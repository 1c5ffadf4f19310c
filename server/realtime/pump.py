"""From credit to samples: which streams are due, rendered together in one thread, never on the event loop.

Nothing here sleeps to pace audio. A stream is fed when its client gives credit or something changed; all
that are due share a render call, the most urgent first. One whose granule is not made yet waits alone.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING

import numpy as np
import structlog
from numpy.typing import NDArray

from server.kit.clock import Clock
from server.realtime import metrics
from server.realtime.granules import Granules
from server.realtime.meters import Levels, measure
from server.realtime.spent import SPENT
from server.realtime.stream import RATE_HZ, Codec, Renderer, Standby
from server.realtime.transport import FRAME_HEAD
from server.realtime.wire import HEADER_BYTES

if TYPE_CHECKING:
    from server.realtime.channel import Channel
    from server.realtime.work import Work

log = structlog.get_logger(__name__)

HEAD = FRAME_HEAD + HEADER_BYTES
URGENT_FRAMES = RATE_HZ // 2
"""A stream with less ahead of its listener is rendered at once; the others gather for a moment."""
GATHER_S = 0.03
BATCH_FRAMES = 32 * RATE_HZ
"""Frames of one render call: a knob turned meanwhile waits for no more than this."""
NEAR_FRAMES = 9_600
FAR_FRAMES = RATE_HZ
"""Frames of one stream in one call: few near its listener, so that what is urgent leaves early."""
MOST_URGENT = 64
"""With more streams due than that each call costs too much to give everyone a little."""
STARVED_S = 0.05
AHEAD_FRAMES = 2 * RATE_HZ
"""Granules are made this far beyond the credit."""
STANDBY_URGENCY = 5.0 * RATE_HZ
"""Who plays and has less than this ahead comes first."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What one stream has in a batch."""

    channel: "Channel"
    works: "Sequence[Work]"

    @property
    def renderer(self) -> Renderer:
        return self.channel.stream.renderer

    @property
    def codec(self) -> Codec:
        """What is rendered: of Opus the samples."""
        codec = self.works[0].codec
        return "f32" if codec == "opus" else codec

    @property
    def spans(self) -> list[object]:
        return [work.span for work in self.works]


class Pump:
    """One per process: the render thread, the one that encodes, the granule thread, and what is due."""

    def __init__(self, clock: Clock, failed: "Callable[[Channel], None]") -> None:
        self._clock = clock
        self._failed = failed
        self._granules = Granules()
        self._thread = ThreadPoolExecutor(1, "render", SPENT.watch, ("render",))
        self._encoding = ThreadPoolExecutor(1, "encode", SPENT.watch, ("encode",))
        self._due: dict[Channel, int] = {}
        """Frames between each and its listener when it was fed."""
        self._order: list[tuple[int, int, Channel]] = []
        """A heap of them; an entry that is not the one in `_due` is out of date."""
        self._fed = count()
        self._ready: list[Job] = []
        self._woken = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._ahead: dict[Channel, int] = {}

    def feed(self, channel: "Channel") -> None:
        """Look at this stream soon: it may have something to render."""
        lead = channel.lead
        if self._due.get(channel, lead + 1) > lead:
            self._due[channel] = lead
            heapq.heappush(self._order, (lead, next(self._fed), channel))
        if lead < URGENT_FRAMES:
            self._woken.set()
        elif self._timer is None and not self._woken.is_set():
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._gathered)

    def prepare(self, standby: Standby) -> None:
        """Have shared material made for who may come, unless what sounds already needs the granule thread."""
        if self._granules.is_idle:
            renderer, spans = standby()
            self._granules.want(renderer, renderer.missing(spans), STANDBY_URGENCY)

    def forget(self, channel: "Channel") -> None:
        """The stream is over."""
        self._due.pop(channel, None)
        self._ahead.pop(channel, None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is due and nothing is being rendered."""
        return not self._due and not self._ready

    async def run(self) -> None:
        """Render what is due until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while not self.is_idle:
                await self._render(self._gather())

    async def close(self) -> None:
        """End all threads, after what they are doing."""
        await self._granules.close()
        for thread in (self._thread, self._encoding):
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    def _gathered(self) -> None:
        self._timer = None
        self._woken.set()

    def _gather(self) -> list[Job]:
        """The next batch, most urgent first; streams that lack a granule are left out and begin to wait."""
        now = self._clock.monotonic()
        ready, self._ready = self._ready, []
        frames = sum(work.frames for job in ready for work in job.works)
        jobs = []
        near = NEAR_FRAMES if len(self._due) <= MOST_URGENT else FAR_FRAMES
        while self._order and frames < BATCH_FRAMES:
            lead, _, channel = heapq.heappop(self._order)
            if self._due.get(channel) != lead:
                continue
            del self._due[channel]
            with self._guarding(channel):
                job = self._plan(channel, near, now)
                if job is not None:
                    jobs.append(job)
                    frames += sum(work.frames for work in job.works)
        return ready + jobs

    def _plan(self, channel: "Channel", near: int, now: float) -> Job | None:
        """What of this stream can be rendered now; it begins to wait if a granule is not there."""
        works = channel.plan(now, near if channel.lead < URGENT_FRAMES else FAR_FRAMES)
        if not works:
            if channel.is_starved:
                asyncio.get_running_loop().call_later(STARVED_S, self.feed, channel)
            return None
        job = Job(channel, works)
        missing = job.renderer.missing(job.spans)
        if not missing:
            return job
        metrics.GRANULE_WAITS.inc()
        self._granules.wait(job.renderer, missing, channel.lead, lambda: self._made(job))
        return None

    @contextlib.contextmanager
    def _guarding(self, channel: "Channel") -> Iterator[None]:
        """A stream that fails fails alone."""
        try:
            yield
        except Exception:
            log.exception("stream_failed", session=channel.stream.session)
            self._failed(channel)

    def _made(self, job: Job) -> None:
        """What a job waited for was made, or failed: its own rendering will tell."""
        if job.channel.is_current(job.works):
            self._ready.append(job)
        self._woken.set()

    async def _render(self, jobs: list[Job]) -> None:
        jobs.sort(key=_kind)
        for _, group in groupby(jobs, key=_kind):
            await self._render_group(list(group))

    async def _render_group(self, jobs: list[Job]) -> None:
        """One call for all jobs of a renderer and codec; if it fails each is tried alone."""
        renderer, codec = jobs[0].renderer, jobs[0].codec
        works = [work for job in jobs for work in job.works]
        spans = [work.span for work in works]
        metered = [work.rendered_packets * job.channel.is_metered for job in jobs for work in job.works]
        try:
            with metrics.RENDER_SECONDS.time():
                arrays, levels = await self._call(renderer, spans, codec, metered)
            if works[0].feed is not None:
                arrays = await asyncio.get_running_loop().run_in_executor(
                    self._encoding, _encoded, works, arrays
                )
        except Exception:
            log.exception("render_failed", streams=len(jobs))
            if len(jobs) == 1:
                self._failed(jobs[0].channel)
                return
            for job in jobs:
                await self._render_group([job])
            return
        self._deliver(jobs, arrays, levels)

    async def _call(
        self, renderer: Renderer, spans: Sequence[object], codec: Codec, metered: Sequence[int]
    ) -> tuple[Sequence[NDArray[np.uint8]], Sequence[Levels | None]]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _rendered, renderer, spans, codec, metered)

    def _deliver(
        self, jobs: list[Job], arrays: Sequence[NDArray[np.uint8]], levels: Sequence[Levels | None]
    ) -> None:
        metrics.RENDERED_FRAMES.inc(sum(work.frames for job in jobs for work in job.works))
        start = 0
        for job in jobs:
            end = start + len(job.works)
            with self._guarding(job.channel):
                job.channel.rendered(job.works, [array.data for array in arrays[start:end]])
                job.channel.measured(job.works, levels[start:end])
                self._prefetch(job)
                if job.channel.is_wanting:
                    self.feed(job.channel)
            start = end

    def _prefetch(self, job: Job) -> None:
        """Have the granules made that the stream will need beyond its credit."""
        channel = job.channel
        until = channel.credit.limit + AHEAD_FRAMES
        if channel.envelope.end_pos is not None:
            until = min(until, channel.envelope.end_pos)
        start = max(self._ahead.get(channel, 0), channel.next_pos)
        if until - start < RATE_HZ:
            return
        missing = job.renderer.missing([channel.stream.span(start, until - start)])
        self._ahead[channel] = until
        if missing:
            self._granules.want(job.renderer, missing, start - channel.credit.play)


def _rendered(
    renderer: Renderer, spans: Sequence[object], codec: Codec, metered: Sequence[int]
) -> tuple[Sequence[NDArray[np.uint8]], Sequence[Levels | None]]:
    """What is sent, and levels of what is metered in so many packets; called in the render thread."""
    arrays = renderer.render(spans, codec, HEAD)
    pairs = zip(arrays, metered, strict=True)
    return arrays, [measure(array, codec, HEAD, packets) if packets else None for array, packets in pairs]


def _encoded(works: "Sequence[Work]", arrays: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Opus of each work's samples; called in the encoding thread, in the order of the streams."""
    pairs = zip(works, arrays, strict=True)
    return [work.feed.encode(array, HEAD).reshape(-1) for work, array in pairs if work.feed is not None]


def _kind(job: Job) -> tuple[int, str]:
    return id(job.renderer), job.works[0].codec
