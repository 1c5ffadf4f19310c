"""The outbox on a page and as JSON, for developers and tests: the letters that did not leave this machine."""

from __future__ import annotations

import asyncio
import datetime as dt
from html import escape
from typing import TYPE_CHECKING, Final

from pydantic import Field
from starlette.responses import HTMLResponse
from starlette.routing import Route

from server.kit.api import Call, Model, Routes
from server.kit.errors import NotFound
from server.kit.limits import is_loopback
from server.providers.local import outbox_of, read_outbox
from server.providers.pages import page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from server.kit.settings import Settings
    from server.providers.local import KeptLetter

PATH: Final = "/dev/outbox"
MOST: Final = 200

# The page frames its letters and nothing else; a letter may style itself, open its links, and nothing else.
_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

routes = Routes("mail")


class OutboxLetter(Model):
    """A letter as its reader would get it."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    written_at: float
    """Unix seconds."""


class Outbox(Model):
    """The newest first."""

    letters: list[OutboxLetter]


class OutboxQuery(Model):
    """Of which mailbox, and how many."""

    to: str = Field(default="", max_length=254)
    limit: int = Field(default=50, ge=1, le=MOST)


@routes.get(
    "/api/dev/outbox",
    summary="The letters that stayed here; only on this machine, outside production, when MAIL is folder",
    query=OutboxQuery,
    reply=Outbox,
    errors=(NotFound,),
)
async def read_outbox_letters(call: Call) -> Outbox:
    letters = await _letters(call.state["settings"], call.address)
    wanted = [letter for letter in letters if call.query.to in {"", letter.to}]
    return Outbox(
        letters=[
            OutboxLetter(
                id=letter.id,
                to=letter.to,
                sender=letter.sender,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                written_at=letter.written_at,
            )
            for letter in wanted[: call.query.limit]
        ]
    )


def outbox_pages() -> list[Route]:
    """The list with one letter open, and each letter as a document of its own."""
    return [
        Route(PATH, _read_page),
        Route(f"{PATH}/{{letter:uuid}}", _read_page),
        Route(f"{PATH}/{{letter:uuid}}/html", _read_letter),
    ]


async def _read_page(request: Request) -> Response:
    settings = request.scope["state"]["settings"]
    letters = await _letters(settings, _address(request))
    wanted = request.path_params.get("letter")
    shown = _found(letters, wanted) if wanted else next(iter(letters), None)
    body = f"{_header(settings)}{_list(letters, shown)}{_shown(shown)}"
    return HTMLResponse(page("Outbox", body, "outbox"), headers={"Content-Security-Policy": _PAGE_POLICY})


async def _read_letter(request: Request) -> Response:
    letters = await _letters(request.scope["state"]["settings"], _address(request))
    letter = _found(letters, request.path_params["letter"])
    headers = {"Content-Security-Policy": _LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(letter.html, headers=headers)


async def _letters(settings: Settings, address: str) -> Sequence[KeptLetter]:
    """A letter may hold a key to an account: they are shown to whoever sits at this machine, or to nobody."""
    if settings.is_production or settings.mail != "folder" or not is_loopback(address):
        raise NotFound
    return await asyncio.to_thread(read_outbox, outbox_of(settings), MOST)


def _found(letters: Sequence[KeptLetter], letter_id: Any) -> KeptLetter:
    for letter in letters:
        if letter.id == str(letter_id):
            return letter
    raise NotFound


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _header(settings: Settings) -> str:
    where = escape(str(outbox_of(settings)))
    return (
        "<header><h1>Outbox</h1><p>These letters did not leave this machine: no mail server is set "
        f"(<code>MAIL=folder</code>). They lie in <code>{where}</code>.</p></header>"
    )


def _list(letters: Sequence[KeptLetter], shown: KeptLetter | None) -> str:
    items = (
        f'<li><a href="{PATH}/{letter.id}"{" aria-current=page" if letter is shown else ""}>'
        f"<strong>{escape(letter.subject)}</strong>"
        f"<small>{escape(letter.to)} · {_time(letter.written_at)}</small></a>"
        for letter in letters
    )
    return f'<nav aria-label="Letters"><ol>{"".join(items)}</ol></nav>'


def _shown(letter: KeptLetter | None) -> str:
    if letter is None:
        return '<main class="empty">Nothing has been written yet.</main>'
    facts = (("From", letter.sender), ("To", letter.to), ("Subject", letter.subject))
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return (
        f'<main><dl>{listed}</dl><iframe src="{PATH}/{letter.id}/html" title="{escape(letter.subject)}" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        f"<details><summary>As plain text</summary><pre>{escape(letter.text)}</pre></details></main>"
    )


def _time(unix_s: float) -> str:
    return dt.datetime.fromtimestamp(unix_s, dt.UTC).strftime("%d %b %H:%M UTC")
