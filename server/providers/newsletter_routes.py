"""HTTP of the newsletter: asking for it, and the links that its letters hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, cast

from pydantic import StringConstraints
from starlette.routing import Route

from server.kit.api import Call, Model, Routes, State
from server.providers.addresses import ADDRESS_PATTERN, MOST_CHARACTERS
from server.providers.newsletter import CONFIRM, UNSUBSCRIBE
from server.providers.pages import answer_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from server.providers.ports import Newsletter

LIMIT: Final = "newsletter"
PER_HOUR: Final = 20

routes = Routes("mail")


class MailState(State):
    """What these routes need of the lifespan."""

    newsletter: Newsletter


class Wish(Model):
    """Who would like our letters."""

    email: Annotated[
        str, StringConstraints(min_length=3, max_length=MOST_CHARACTERS, pattern=ADDRESS_PATTERN)
    ]


@routes.post(
    "/api/newsletter",
    summary="Ask for the newsletter; a letter asks back. The answer is the same for every address.",
    body=Wish,
    status=202,
    limit=LIMIT,
)
async def ask_for_newsletter(call: Call) -> None:
    state = cast("MailState", call.state)
    async with state["db"].transaction() as conn:
        await state["newsletter"].ask(conn, call.body.email)


def newsletter_pages() -> list[Route]:
    """Where the links of letters lead. Opening one asks, for programs open links too; the button answers."""
    return [
        Route(f"{CONFIRM}{{token}}", _confirm, methods=["GET", "POST"]),
        Route(f"{UNSUBSCRIBE}{{token}}", _unsubscribe, methods=["GET", "POST"]),
    ]


async def _confirm(request: Request) -> Response:
    if request.method != "POST":
        return answer_page(
            "Would you like our letters?", "A few times a year, about sound and nothing else.", "Yes, please"
        )
    state = cast("MailState", request.scope["state"])
    async with state["db"].transaction() as conn:
        is_confirmed = await state["newsletter"].confirm(conn, request.path_params["token"])
    if not is_confirmed:
        sentence = (
            "This link is too old, or it was replaced by a newer one. You can ask for our letters again."
        )
        return answer_page("That was too long ago", sentence, status=410)
    return answer_page("Thank you", "You will hear from us. Every letter has a link that ends it.")


async def _unsubscribe(request: Request) -> Response:
    """A mail program's own button posts here without a word of ours (RFC 8058)."""
    if request.method != "POST":
        return answer_page("No more letters?", "One press, and we do not write again.", "No more letters")
    state = cast("MailState", request.scope["state"])
    async with state["db"].transaction() as conn:
        await state["newsletter"].leave(conn, request.path_params["token"])
    return answer_page("Done", "You get no more of our letters.")
