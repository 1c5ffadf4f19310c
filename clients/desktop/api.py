"""The HTTP side: presets, sessions, and tickets for the socket."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from clients.desktop.errors import ListenerError, NotAllowed, NothingLeft, Unreachable

if TYPE_CHECKING:
    from clients.desktop.config import Config

_PATIENCE_S: Final = 5.0
_UNAUTHENTICATED: Final = 401


@dataclass(frozen=True, slots=True)
class Api:
    """One server, and who we are there: the token that was given, else a guest of whom we keep the token."""

    server: str
    given_token: str | None
    config: Config
    name: str
    """Under which its token is kept: a server that we start has another address each time."""

    @property
    def socket_url(self) -> str:
        """Where the wire is spoken."""
        parts = urlsplit(self.server)
        return urlunsplit(("wss" if parts.scheme == "https" else "ws", parts.netloc, "/ws", "", ""))

    @property
    def is_known(self) -> bool:
        """Whether we have been anybody there before."""
        return (self.given_token or self.config.token_of(self.name)) is not None

    async def get(self, path: str) -> Any:
        """The data of an answer for anyone; raises ListenerError."""
        return await asyncio.to_thread(self._call, "GET", path, None)

    async def get_own(self, path: str) -> Any:
        """The data of an answer about ourselves."""
        return await self._as_somebody("GET", path)

    async def change_own(self, method: str, path: str, body: object = None) -> Any:
        """Change something of our own; the data of the answer."""
        return await self._as_somebody(method, path, body)

    async def ticket(self) -> str:
        """A single-use ticket for `hello`."""
        return str((await self._as_somebody("POST", "/api/auth/ws-ticket"))["ticket"])

    async def _as_somebody(self, method: str, path: str, body: object = None) -> Any:
        """With our token; a guest that the server no longer knows becomes a new one."""
        token = self.given_token or self.config.token_of(self.name)
        if token is not None:
            try:
                return await asyncio.to_thread(self._call, method, path, token, body)
            except NotAllowed:
                if self.given_token is not None:
                    raise
                self.config.keep_token(self.name, None)
        made = await asyncio.to_thread(self._call, "POST", "/api/auth/guest", None)
        self.config.keep_token(self.name, made["token"])
        return await asyncio.to_thread(self._call, method, path, made["token"], body)

    def _call(self, method: str, path: str, token: str | None, body: object = None) -> Any:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.server + path, data, headers, method=method)  # noqa: S310 - http(s), checked when it was given
        is_near = urlsplit(self.server).hostname in {"localhost", "127.0.0.1", "::1"}
        opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_near else []))
        try:
            with opener.open(request, timeout=_PATIENCE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            raise _refusal(refusal) from refusal
        except (OSError, ValueError, KeyError) as error:
            raise Unreachable(f"No Soundwell server answers at {self.server}.") from error


def _refusal(refusal: urllib.error.HTTPError) -> ListenerError:
    """What the server said, as one of our errors."""
    try:
        said = json.load(refusal)
    except ValueError:
        said = {}
    sentence = said.get("error") or f"The server answered {refusal.code}."
    if refusal.code == _UNAUTHENTICATED:
        return NotAllowed(sentence)
    if said.get("code") in {"limit_reached", "upgrade_required"}:
        return NothingLeft(sentence)
    return ListenerError(sentence)
