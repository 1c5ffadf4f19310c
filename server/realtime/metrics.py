"""What the gateway tells Prometheus, beside what the kit does."""

from prometheus_client import Counter, Gauge, Histogram

from server.kit.observe import REGISTRY

CONNECTIONS = Gauge("soundwell_connections", "Open sockets.", registry=REGISTRY, multiprocess_mode="livesum")
STREAMS = Gauge(
    "soundwell_streams", "Streams that are open here.", registry=REGISTRY, multiprocess_mode="livesum"
)
RENDER_SECONDS = Histogram(
    "soundwell_render_seconds",
    "Time of one render call, for all streams in it.",
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
RENDERED_FRAMES = Counter(
    "soundwell_rendered_frames_total", "Frames rendered, splices too.", registry=REGISTRY
)
GRANULE_WAITS = Counter(
    "soundwell_granule_waits_total", "Packets that waited for a granule.", registry=REGISTRY
)
SHARED_BYTES = Gauge(
    "soundwell_shared_bytes",
    "Memory for sound that several listeners share.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
UNDERRUNS = Counter("soundwell_underruns_total", "Times that a listener ran dry.", registry=REGISTRY)
LATE_SPLICES = Counter(
    "soundwell_late_splices_total", "Changes whose samples came too late.", registry=REGISTRY
)
CPU_SECONDS = Counter(
    "soundwell_cpu_seconds_total", "Processor time by what it went to.", ("work",), registry=REGISTRY
)
CLOSES = Counter(
    "soundwell_closes_total", "Connections ended by the server, by code.", ("code",), registry=REGISTRY
)
