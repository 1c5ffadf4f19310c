"""The page: its document, which makes a visitor a guest, and its files."""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from server.kit.security import CSRF_COOKIE, GUEST_COOKIE, cookie, csrf_token, isolation_headers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

    from server.accounts.credentials import Credentials

WEB: Final = Path(__file__).parents[2] / "clients" / "web"
COOKIE_S: Final = 180 * 86_400
REVALIDATE: Final = "no-cache"
FOR_EVER: Final = "public, max-age=31536000, immutable"
MARK: Final = "v-"
"""What a version in a path begins with: `/web/v-0123456789abcdef/app.js`."""
PLACES: Final = {
    "/billing/success": "/#paid",
    "/billing/cancel": "/#unpaid",
    "/dashboard": "/#account/plan",
}
"""Where providers of payments lead back to, and the place of the page that is meant."""


def page_routes(folder: Path = WEB) -> list[Route | Mount]:
    """`/` and `/web/…`.

    The document names its files under a version that changes with any of them, and their imports are
    relative: a browser that was here before asks for none of them again, not even for the audio thread.
    """
    files = PageFiles(folder)

    async def read_page(request: Request) -> Response:
        """The document, with the cookies by which the guest is known."""
        credentials = cast("Credentials", request.state.credentials)
        headers = {**isolation_headers(), "Cache-Control": f"private, {REVALIDATE}"}
        response = HTMLResponse(await asyncio.to_thread(files.document), headers=headers)
        known = credentials.guest_of_cookie(request.cookies.get(GUEST_COOKIE, ""))
        guest_id = uuid.uuid4() if known is None else known.id
        token = csrf_token(credentials.secret, str(guest_id))
        secure = request.url.scheme == "https"
        for name, value in ((GUEST_COOKIE, credentials.cookie_of(guest_id)), (CSRF_COOKIE, token)):
            made = cookie(name, value, secure=secure, max_age_s=COOKIE_S, http_only=name == GUEST_COOKIE)
            response.headers.append("set-cookie", made)
        return response

    async def lead_to_place(request: Request) -> Response:
        """No provider keeps a fragment for us."""
        return RedirectResponse(PLACES[request.url.path], 303)

    places = [Route(path, lead_to_place) for path in PLACES]
    return [Route("/", read_page), *places, Mount("/web", files)]


def version_of(folder: Path) -> str:
    """Changes when any file below does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        stat = path.stat()
        digest.update(f"{path.relative_to(folder)} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return digest.hexdigest()[:16]


class PageFiles(StaticFiles):
    """Scripts may be workers, so they carry what shared memory asks for."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self._folder = directory
        self.version = version_of(directory)

    def document(self) -> str:
        """The page, its files named by what they are now; looks at each of them, so not on the loop."""
        self.version = version_of(self._folder)
        return (self._folder / "index.html").read_text().replace('"/web/', f'"/web/{MARK}{self.version}/')

    def get_path(self, scope: Scope) -> str:
        """The path below the folder: a version only says how long it may be kept."""
        path = super().get_path(scope)
        first, _, rest = path.partition(os.sep)
        return rest if first.startswith(MARK) else path

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        # who comes with an older version gets today's file, but must not keep it under that name
        is_current = f"/{MARK}{self.version}/" in scope["path"]
        response.headers["Cache-Control"] = FOR_EVER if is_current else REVALIDATE
        if str(full_path).endswith("/sw.js"):
            response.headers["Service-Worker-Allowed"] = "/"  # it stands in for the document too
        if str(full_path).endswith(".js"):
            response.headers.update(isolation_headers())
        return response
