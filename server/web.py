"""`python -m server web`: one web process on the socket that the supervisor holds."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import uvicorn

from server.app import create_app
from server.kit.certificate import certificate_paths
from server.kit.observe import configure_logging
from server.realtime.transport import PROTOCOL_OPTIONS, RealtimeProtocol, configure_socket

if TYPE_CHECKING:
    from server.kit.settings import Settings

_DRAIN_S = 5


class _Announcing(uvicorn.Server):
    """Says once, by a byte in a pipe, that it takes requests."""

    def __init__(self, config: uvicorn.Config, ready_fd: int) -> None:
        super().__init__(config)
        self._ready_fd = ready_fd

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            os.write(self._ready_fd, b".")
            os.close(self._ready_fd)


def serve_web(settings: Settings, listen_fd: int, ready_fd: int) -> None:
    """Take connections from the shared socket until SIGTERM."""
    configure_logging(settings)
    listening = socket.socket(fileno=listen_fd)
    configure_socket(listening)
    certificate, key = certificate_paths(settings.data_dir / "tls") if settings.tls else (None, None)
    config = uvicorn.Config(
        lambda: create_app(settings),
        factory=True,
        ws=RealtimeProtocol,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        **PROTOCOL_OPTIONS,
    )
    _Announcing(config, ready_fd).run(sockets=[listening])
