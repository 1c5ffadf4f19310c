"""The page: its document, which makes a visitor a guest, and its files."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from server.kit.security import CSRF_COOKIE, GUEST_COOKIE, cookie, csrf_token, isolation_headers

if TYPE_CHECKING:
    import os

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

    from server.accounts.credentials import Credentials

WEB: Final = Path(__file__).parents[2] / "clients" / "web"
COOKIE_S: Final = 180 * 86_400
REVALIDATE: Final = "no-cache"
"""Files have no version in their names: a browser asks each time, and mostly hears 304."""


def page_routes(folder: Path = WEB) -> list[Route | Mount]:
    """`/` and `/web/…`."""

    async def read_page(request: Request) -> Response:
        """The document, with the cookies by which the guest is known."""
        credentials = cast("Credentials", request.state.credentials)
        headers = {**isolation_headers(), "Cache-Control": f"private, {REVALIDATE}"}
        response = FileResponse(folder / "index.html", headers=headers)
        known = credentials.guest_of_cookie(request.cookies.get(GUEST_COOKIE, ""))
        guest_id = uuid.uuid4() if known is None else known.id
        token = csrf_token(credentials.secret, str(guest_id))
        secure = request.url.scheme == "https"
        for name, value in ((GUEST_COOKIE, credentials.cookie_of(guest_id)), (CSRF_COOKIE, token)):
            made = cookie(name, value, secure=secure, max_age_s=COOKIE_S, http_only=name == GUEST_COOKIE)
            response.headers.append("set-cookie", made)
        return response

    return [Route("/", read_page), Mount("/web", PageFiles(directory=folder))]


class PageFiles(StaticFiles):
    """Scripts may be workers, so they carry what shared memory asks for."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = REVALIDATE
        if str(full_path).endswith(".js"):
            response.headers.update(isolation_headers())
        return response
