"""What our links in letters open, and the outbox: pages without script, in the colours of the product."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

STYLE_PATH: Final = "/mail.css"
COLOURS_PATH: Final = "/web/css/tokens.css"

_STYLE = Path(__file__).with_suffix(".css")

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title} · Soundwell</title>
<link rel="stylesheet" href="{colours}">
<link rel="stylesheet" href="{style}">
<body class="{kind}">
{body}
</body>
</html>
"""


def page(title: str, body: str, kind: str) -> str:
    """A whole document around `body`, which is HTML."""
    return _PAGE.format(title=escape(title), body=body, kind=kind, colours=COLOURS_PATH, style=STYLE_PATH)


def answer_page(heading: str, sentence: str, button: str = "", status: int = 200) -> HTMLResponse:
    """A sentence for the person; with a button it is a question, and pressing it the answer."""
    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    body = f"<main><h1>{escape(heading)}</h1><p>{escape(sentence)}</p>{form}</main>"
    return HTMLResponse(page(heading, body, "answer"), status)


async def _read_style(_: Request) -> Response:
    return FileResponse(_STYLE, headers={"Cache-Control": "no-cache"})


style_route: Final = Route(STYLE_PATH, _read_style)
