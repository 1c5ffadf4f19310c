"""HTTP of the tasks that earn tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, StringConstraints

from server.accounts.errors import NotVerified
from server.accounts.service import require_verified
from server.kit import audit, events
from server.kit.api import ADMIN, NO_NUL, USER, Call, Model, Routes
from server.kit.errors import Conflict, NotFound
from server.kit.principal import ADMIN_SCOPE
from server.tokens import social
from server.tokens.errors import AlreadyClaimed
from server.tokens.social_store import ClaimState  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from server.tokens.social_store import Claim

LONGEST_PAGE: Final = 100

routes = Routes("tokens", scope="tokens")


class OwnClaim(Model):
    """What the caller says to have done."""

    id: str
    task: str
    proof: str
    state: ClaimState
    note: str
    """What the reviewer says."""
    created_at: float
    """Unix seconds."""


class TaskItem(Model):
    """Something to do for tokens."""

    id: str
    title: str
    line: str
    tokens: int
    proof: Literal["url", "text"]
    review: Literal["manual", "auto"]
    claim: OwnClaim | None
    """The caller's own."""


class TaskList(Model):
    """All open tasks."""

    tasks: list[TaskItem]


class NewClaim(Model):
    """A task and what shows that it was done: the address of a page, or a text, as the task asks."""

    task: Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,40}$")]
    proof: Annotated[str, StringConstraints(min_length=1, max_length=social.LONGEST_PROOF, pattern=NO_NUL)]


class ReviewQuery(Model):
    """How many."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50


class ForeignClaim(OwnClaim):
    """What somebody says to have done."""

    user: str


class ClaimList(Model):
    """What waits for a review, the oldest first."""

    claims: list[ForeignClaim]


class Verdict(Model):
    """A reviewer's decision."""

    approve: bool
    note: Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)] = ""


@routes.get("/api/tokens/social", summary="What earns tokens", auth=USER, reply=TaskList)
async def list_social_tasks(call: Call) -> TaskList:
    """Each task with what became of the caller's claim."""
    async with call.state["db"].connection() as conn:
        offers = await social.list_offers(conn, call.known.id)
    return TaskList(tasks=[_task(offer) for offer in offers])


@routes.post(
    "/api/tokens/social",
    summary="Claim a task",
    auth=USER,
    body=NewClaim,
    reply=OwnClaim,
    status=201,
    errors=(NotFound, NotVerified, AlreadyClaimed),
)
async def claim_social_task(call: Call) -> OwnClaim:
    """It is rewarded at once or when somebody has looked at it, and once; who was rejected may try again."""
    wish: NewClaim = call.body
    async with call.state["db"].transaction() as conn:
        await require_verified(conn, call.known.id)
        await audit.record(
            conn, "tokens.claimed", "tokens", call.origin, principal_id=call.known.id, task=wish.task
        )
        claim = await social.submit(conn, call.known.id, wish.task, wish.proof)
    await events.notify(call.state["bus"], call.known.id)
    return _claim(claim)


@routes.get(
    "/api/tokens/social/claims",
    summary="Claims that wait for a review",
    auth=ADMIN,
    scope=ADMIN_SCOPE,
    query=ReviewQuery,
    reply=ClaimList,
)
async def list_social_claims(call: Call) -> ClaimList:
    """The oldest first."""
    async with call.state["db"].connection() as conn:
        claims = await social.list_pending(conn, call.query.limit)
    return ClaimList(claims=[_foreign(claim) for claim in claims])


@routes.post(
    "/api/tokens/social/{claim:uuid}/review",
    summary="Approve or reject a claim",
    auth=ADMIN,
    scope=ADMIN_SCOPE,
    body=Verdict,
    reply=ForeignClaim,
    errors=(NotFound, Conflict),
)
async def review_social_claim(call: Call) -> ForeignClaim:
    """Said again nothing changes; the opposite is refused."""
    verdict: Verdict = call.body
    async with call.state["db"].transaction() as conn:
        await audit.record(
            conn,
            "tokens.claim_reviewed",
            "tokens",
            call.origin,
            principal_id=call.known.id,
            severity="notice",
            claim=str(call.path["claim"]),
            is_approved=verdict.approve,
        )
        claim = await social.review(
            conn, call.known.id, call.path["claim"], is_approved=verdict.approve, note=verdict.note
        )
    await events.notify(call.state["bus"], claim.user_id)
    return _foreign(claim)


def _task(offer: social.Offer) -> TaskItem:
    task = offer.task
    return TaskItem(
        id=task.id,
        title=task.title,
        line=task.line,
        tokens=task.amount,
        proof=task.proof,
        review=task.review,
        claim=None if offer.claim is None else _claim(offer.claim),
    )


def _claim(claim: Claim) -> OwnClaim:
    return OwnClaim(
        id=str(claim.id),
        task=claim.task_id,
        proof=claim.proof,
        state=claim.state,
        note=claim.note,
        created_at=claim.created_at.timestamp(),
    )


def _foreign(claim: Claim) -> ForeignClaim:
    return ForeignClaim(**_claim(claim).model_dump(), user=str(claim.user_id))
