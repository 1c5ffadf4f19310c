"""The Swagger page: served by us from a package, so that it works offline and without inline script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # one path, no types

from server.kit.api import Routes, build_app_routes
from server.kit.errors import NotFound
from server.kit.openapi import openapi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from server.kit.api import Authenticate, Call

DOCUMENT_PATH = "/api/openapi.json"
FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Soundwell API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
<div id="swagger"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
# The bundled viewer refuses the number 3.1, though it shows all that we use of it.
START = f"""fetch("{DOCUMENT_PATH}").then((answer) => answer.json()).then((spec) => SwaggerUIBundle({{
  spec: {{ ...spec, openapi: "3.0.3" }}, dom_id: "#swagger", deepLinking: true,
  requestInterceptor: (request) => {{
    const token = document.cookie.match(/(?:^|; )sw_csrf=([^;]+)/);
    if (token) request.headers["X-CSRF-Token"] = token[1];
    return request;
  }},
}}));
"""


def documented_routes(
    groups: Iterable[Routes], *, authenticate: Authenticate, title: str, version: str, description: str
) -> list[Route]:
    """All declared routes, the document of them (itself included), and the page that shows it."""
    own = Routes("operation")
    text = ""

    @own.get(DOCUMENT_PATH, summary="This document", media="application/json")
    async def read_openapi(_: Call) -> Response:
        return Response(text, media_type="application/json")

    every = [*groups, own]
    text = json.dumps(openapi(every, title=title, version=version, description=description))
    return [
        *build_app_routes(every, authenticate=authenticate),
        Route("/docs", _read_page),
        Route("/docs/start.js", _read_start),
        Route("/docs/{name}", _read_file),
    ]


async def _read_page(_: Request) -> Response:
    return HTMLResponse(PAGE)


async def _read_start(_: Request) -> Response:
    return Response(START, media_type="text/javascript")


async def _read_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        raise NotFound
    return FileResponse(swagger_ui_path / name)
