"""What the server tells about itself: structured log lines and Prometheus metrics."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from starlette.responses import Response

from server.kit import envelope
from server.kit.api import PRINCIPAL_ID, ROUTE

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import Scope

    from server.kit.settings import Settings

REGISTRY = CollectorRegistry()

REQUEST_SECONDS = Histogram(
    "soundwell_http_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("method", "route", "status"),
    registry=REGISTRY,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
FAULTS = Counter("soundwell_faults_total", "Errors that nobody expected.", ("route",), registry=REGISTRY)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/health", "/metrics"})

log = structlog.stdlib.get_logger("soundwell.http")


def configure_logging(settings: Settings) -> None:
    """One line per event from every library, as JSON or for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    is_json = settings.log_format == "json"
    last: list[structlog.typing.Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if is_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())


def metrics_response() -> Response:
    """Prometheus text; of all web processes where they share a folder (`PROMETHEUS_MULTIPROC_DIR`)."""
    registry = REGISTRY
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        _forget_the_dead(Path(folder))
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # left bare there
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _forget_the_dead(folder: Path) -> None:
    """Gauges say what is now; those of a process that was killed would say it for ever."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # left bare there


class RequestRecord:
    """One request from beginning to end, for the log and the histogram."""

    def __init__(self, scope: Scope, request_id: str) -> None:
        self._scope = scope
        self._request_id = request_id
        self._begun = time.perf_counter()
        self.status = 0

    def __enter__(self) -> None:
        structlog.contextvars.bind_contextvars(request_id=self._request_id)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        structlog.contextvars.unbind_contextvars("request_id")
        if self._scope["type"] == "http":
            self._tell()

    def _tell(self) -> None:
        seconds = time.perf_counter() - self._begun
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        REQUEST_SECONDS.labels(method, _route(self._scope), str(self.status)).observe(seconds)
        is_file = ROUTE not in self._scope and self.status < 400
        level = logging.DEBUG if is_file or self._scope["path"] in _QUIET else logging.INFO
        log.log(
            level,
            "request",
            method=method,
            path=self._scope["path"],
            status=self.status,
            duration_ms=round(seconds * 1000, 1),
            address=self._scope["client"][0] if self._scope.get("client") else None,
            principal_id=self._scope.get(PRINCIPAL_ID),
            request_id=self._request_id,
        )

    @staticmethod
    def fault(scope: Scope, error: Exception) -> None:
        """An exception that nobody expected."""
        FAULTS.labels(_route(scope)).inc()
        log.error("fault", path=scope["path"], request_id=scope.get(envelope.REQUEST_ID), exc_info=error)


def _route(scope: Scope) -> str:
    """The declared path: labels must be few, whatever addresses strangers try."""
    return str(scope.get(ROUTE, "other"))
