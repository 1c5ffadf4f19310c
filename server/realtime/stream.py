"""What the gateway knows of a thing that sounds: the `Stream`, its `Renderer`, and how one is opened.

All calls but `open` and `close` happen on the event loop and must return at once; only `Renderer.fill` and
`Renderer.render` run in threads of the pump. Positions count frames of the stream's timeline at 48 kHz.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from server.kit.principal import Principal

RATE_HZ = 48_000
QUANTUM = 960
"""Packets end on this grid, 20 ms; renderers work in whole quanta."""
PAUSE_RAMP = 14_400
"""Frames of the fall before a pause and of the rise after it."""

Codec = Literal["s16", "f32"]
WireCodec = Literal["opus", "s16", "f32"]
"""What packets hold; Opus is made of f32 behind the renderer."""
Patch = Mapping[str, float | str]
TransportOp = Literal["play", "pause", "seek", "loop"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Fades and the end, in positions; executed by the client."""

    rev: int
    """Rises with each change; the highest wins."""
    end_pos: int | None
    """First frame that is not played; nothing from here on is rendered. None: endless."""
    gain_env: tuple[tuple[int, float], ...]
    """(pos, gain) with raised cosines between."""
    entry: dict[str, object] | None = None
    """The `end` entry for the client's instance, if the kind keeps one."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the sound at a position, made by `set` or `transport`."""

    entry: dict[str, object]
    """Timeline entry that the client appends to its instance."""
    from_pos: int | None
    """First frame that is rendered differently, at - lookahead; None if no sample changes (pause)."""
    clamped: Mapping[str, float | str]
    """Values that were moved into their range; empty if none."""
    media_map: Sequence[Sequence[float]] | None = None
    """[pos, media_pos, rate] rows; transport only."""


Span = object
"""An immutable work item made by `Stream.span` and understood by its renderer alone."""


class Renderer(Protocol):
    """Turns spans into samples; one object per kind, shared by all streams of it."""

    def missing(self, spans: Sequence[Span]) -> Sequence[Hashable]:
        """Keys of shared material that `render` would have to wait for; cheap, called on the loop."""

    def fill(self, key: Hashable) -> None:
        """Make one of them ready; called in the granule thread."""

    def render(self, spans: Sequence[Span], codec: Codec, head: int) -> Sequence[NDArray[np.uint8]]:
        """A fresh array per span, `head` free bytes before each packet; called in the render thread."""


class Stream(Protocol):
    """One sounding thing of one client, whatever it is."""

    kind: str
    session: str
    """The listening (a row) that this stream plays; the name of its lease."""
    generation: int
    """Rises when another owner takes the session over."""
    lookahead: int
    """An entry at `at` changes no frame before at - lookahead."""
    cost: float
    """Load units of `wire.md` §6; 1.0 = four voices, a bed and AM."""
    codecs: tuple[WireCodec, ...]

    @property
    def is_exact(self) -> bool:
        """Whether it has to be sent as PCM just now: Opus would blur what it lives by."""

    @property
    def renderer(self) -> Renderer:
        """Shared by all streams of the kind; streams with the same one are rendered together."""

    def ready(self) -> dict[str, object]:
        """What the kind puts in `stream.ready`: start_pos, marks, instance, params."""

    def check(self, patch: Patch) -> None:
        """Raise RealtimeError invalid_param, naming the field, if `set` would refuse this patch."""

    def set(self, at: int, patch: Patch, ramp_frames: int) -> Change:
        """Parameters from frame `at`; values out of range are clamped."""

    def transport(
        self,
        op: TransportOp,
        at: int,
        *,
        splice_at: int,
        to: int | None,
        a: int | None,
        b: int | None,
        paused_s: float,
    ) -> Change:
        """Pause and play stand at `at`; what alters samples (seek, loop, stations) begins at `splice_at`."""

    def envelope(self) -> Envelope: ...

    def extend(self, at: int, duration_s: float) -> Envelope:
        """Play `duration_s` longer; equal to the former envelope before `at`."""

    def finish(self, at: int, fade_ms: int) -> Envelope:
        """Fade out from `at` within `fade_ms` and end; equal to the former envelope before `at`."""

    def fold(self, playhead: int) -> dict[str, object] | None:
        """A `base` entry that replaces what is old in the timeline, or None while nothing needs folding."""

    def span(self, start: int, frames: int, packets: int = 1) -> Span:
        """A snapshot of what is to be rendered there, in equal packets; later changes do not touch it."""

    def credited(self, frames: int) -> None:
        """That many further frames were sent for the first time: the allowance counts them."""

    def played(self, play_pos: int, underruns: int, late: int) -> None:
        """The client's statistics: its playhead, and counts since the stream began."""

    def park(self) -> None:
        """Nobody listens for now: free what is only needed to render; `span` may be called again later."""

    def checkpoint(self) -> dict[str, object]:
        """What a parked stream keeps on the bus; its opener can go on from it."""

    async def close(self, reason: str, played_frames: int) -> dict[str, object]:
        """Write the row; {"heard_s": …} and, where the kind knows better, "reason"."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Go on from an instance that the client kept."""

    session: str
    instance: Mapping[str, object]
    from_pos: int
    """The first frame that the client lacks."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """`stream.open` after its common fields were checked."""

    kind: str
    args: Mapping[str, object]
    """The fields of the kind, as sent (program, preset, duration_s …); the opener checks them."""
    restore: Restore | None = None
    take: str | None = None
    """A session that plays on another device and shall play here."""
    checkpoint: Mapping[str, object] | None = None
    """Set instead of the above when a parked stream is resumed in another process."""


@dataclass(frozen=True, slots=True)
class OpenContext:
    """Where an open request comes from, and how the stream reaches its client."""

    device: str
    """What the client calls itself, shown to the person ("Firefox on Linux")."""
    address: str
    """The peer's address, trusted proxies taken into account."""
    changed: Callable[[Envelope], None]
    """Tell the client of an envelope that the stream changed by itself; on the loop only."""
    notice: Callable[[str, str], None]
    """Send `notice{code, msg}`; on the loop only."""


Standby = Callable[[], tuple[Renderer, Sequence[Span]]]
"""What to have ready while somebody may press play: cheap, asked once a second, on the loop."""
Opener = Callable[[Principal, OpenRequest, OpenContext], Awaitable[Stream]]
"""Opens a stream of one kind; raises RealtimeError or SoundwellError."""
