"""The client's files on a plain static server: what unit pages need, and nothing of the product's server."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
_FOLDERS = {
    "/web/": ROOT / "clients/web",
    "/tests/": ROOT / "tests",
}
_BLANK = b'<!doctype html><html lang="en"><title>blank</title>'


class _Files(SimpleHTTPRequestHandler):
    """The client, its unit tests, the vectors, and a blank page that is isolated (`/plain`: that is not)."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        for prefix, folder in _FOLDERS.items():
            if path.startswith(prefix):
                return str(folder / path.removeprefix(prefix).split("?")[0])
        return "/nonexistent"

    def end_headers(self) -> None:
        if self.path != "/plain":
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_GET(self) -> None:
        if self.path not in {"/", "/plain"}:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_BLANK)))
        self.end_headers()
        self.wfile.write(_BLANK)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Requests are not news."""


@contextmanager
def static_site() -> Iterator[str]:
    """The address of the site while it stands."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
