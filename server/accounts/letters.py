"""The mails of accounts: what each says, and where its one link leads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from server.providers.letters import Action, compose
from server.providers.post import Letter, post

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection


async def welcome(conn: Connection, to: str, user: UUID, page_url: str, link: str) -> None:
    """To who has just registered; with it the address is confirmed."""
    await _post(
        conn,
        to,
        user,
        subject="Welcome to Soundwell: please confirm your address",
        heading="Welcome",
        paragraphs=(
            "Your account is ready, and everything that you made as a guest has come along.",
            "Please confirm that this address is yours.",
            "You can listen and create meanwhile; to buy, to order and to make API keys we need to know it.",
        ),
        action=Action("Confirm my address", _link(page_url, "verify", link)),
        small_print="The link is good for two days. If you did not register, you need not do anything.",
    )


async def confirm(conn: Connection, to: str, user: UUID, page_url: str, link: str) -> None:
    """The link once more."""
    await _post(
        conn,
        to,
        user,
        subject="Please confirm your address",
        heading="Confirm your address",
        paragraphs=("You asked for a new link. Earlier ones are not valid any more.",),
        action=Action("Confirm my address", _link(page_url, "verify", link)),
        small_print="The link is good for two days.",
    )


async def taken(conn: Connection, to: str, user: UUID, page_url: str) -> None:
    """To the owner of an address with which somebody tried to register."""
    await _post(
        conn,
        to,
        user,
        subject="You have an account already",
        heading="You have an account already",
        paragraphs=(
            "Somebody, perhaps you, tried to register with this address. There is an account already.",
            "If it was you and the password is lost, set a new one.",
        ),
        action=Action("Set a new password", f"{page_url}/#forgot"),
        small_print="If it was not you, you need not do anything: nothing was changed.",
    )


async def reset(conn: Connection, to: str, user: UUID, page_url: str, link: str) -> None:
    """The way back to who has lost the password."""
    await _post(
        conn,
        to,
        user,
        subject="Set a new password",
        heading="Set a new password",
        paragraphs=(
            "You asked for a way back into your account. This link lets you set a new password, once.",
        ),
        action=Action("Set a new password", _link(page_url, "reset", link)),
        small_print="The link is good for one hour. If you did not ask for it, your password is still safe.",
    )


async def password_changed(conn: Connection, to: str, user: UUID, page_url: str) -> None:
    await _post(
        conn,
        to,
        user,
        subject="Your password was changed",
        heading="Your password was changed",
        paragraphs=("Your password is another one now, and all other devices have been logged out.",),
        action=Action("It was not me", f"{page_url}/#forgot"),
        small_print="If it was you, you need not do anything.",
    )


async def login_ended(conn: Connection, to: str, user: UUID, page_url: str) -> None:
    """A refresh token was used that had been replaced: somebody may have copied it."""
    await _post(
        conn,
        to,
        user,
        subject="We logged one of your devices out",
        heading="We logged one of your devices out",
        paragraphs=(
            "The proof of a login was used a second time, after it had been replaced.",
            "That happens when somebody has copied it, so we ended that login.",
            "If you do not know why, set a new password: it ends all logins.",
        ),
        action=Action("Set a new password", f"{page_url}/#forgot"),
        small_print="You can log in again at any time.",
    )


async def farewell(conn: Connection, to: str, user: UUID) -> None:
    await _post(
        conn,
        to,
        user,
        subject="Your account is deleted",
        heading="Your account is deleted",
        paragraphs=(
            "Everything that says who you are has been deleted.",
            "What the law asks us to keep, which is invoices and the ledger, stays without your name.",
        ),
        small_print="Thank you for having been here.",
    )


async def _post(
    conn: Connection,
    to: str,
    user: UUID,
    *,
    subject: str,
    heading: str,
    paragraphs: tuple[str, ...],
    action: Action | None = None,
    small_print: str = "",
) -> None:
    body = compose(heading=heading, paragraphs=paragraphs, action=action, small_print=small_print)
    await post(
        conn,
        Letter(
            to=to,
            subject=subject,
            text=body.text,
            html=body.html,
            kind="transactional",
            principal_id=user,
        ),
    )


def _link(page_url: str, what: str, secret: str) -> str:
    """In the fragment, which no server and no log sees."""
    return f"{page_url}/#{what}/{quote(secret)}"
