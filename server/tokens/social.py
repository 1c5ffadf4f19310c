"""Decisions about tasks that earn tokens: what counts as proof, and that a reward comes once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from server.kit.errors import Conflict, NotFound, ValidationFailed
from server.tokens import social_store as store
from server.tokens.errors import AlreadyClaimed
from server.tokens.service import credit

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection
    from server.tokens.social_store import Claim, Task

LONGEST_PROOF: Final = 500
SHORTEST_TEXT: Final = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A task as one person sees it."""

    task: Task
    claim: Claim | None
    """Their own, if they made one."""


async def list_offers(conn: Connection, user_id: UUID) -> list[Offer]:
    """All open tasks, with what became of the person's claims."""
    claims = {claim.task_id: claim for claim in await store.list_claims_of(conn, user_id)}
    return [Offer(task, claims.get(task.id)) for task in await store.list_tasks(conn)]


async def submit(conn: Connection, user_id: UUID, task_id: str, proof: str) -> Claim:
    """Claim a task. It is rewarded at once or after a review; who was rejected may try again."""
    task = {task.id: task for task in await store.list_tasks(conn)}.get(task_id)
    if task is None:
        raise NotFound("There is no such task.")
    state: store.ClaimState = "approved" if task.review == "auto" else "pending"
    checked = checked_proof(task, proof)
    claim = await store.insert_claim(conn, uuid.uuid4(), task.id, user_id, checked, state)
    if claim is None:
        raise AlreadyClaimed
    if state == "approved":
        await _reward(conn, task, claim)
    return claim


async def review(
    conn: Connection, reviewer_id: UUID, claim_id: UUID, *, is_approved: bool, note: str
) -> Claim:
    """Approve or reject; the same word again changes nothing, another one is refused."""
    claim = await store.lock_claim(conn, claim_id)
    if claim is None:
        raise NotFound("There is no such claim.")
    state: store.ClaimState = "approved" if is_approved else "rejected"
    if claim.state == state:
        return claim
    if claim.state != "pending":
        raise Conflict("Somebody has decided otherwise.")
    reviewed = await store.mark_reviewed(conn, claim_id, state, note, reviewer_id)
    if is_approved:
        task = await store.find_task(conn, claim.task_id)
        assert task is not None
        await _reward(conn, task, reviewed)
    return reviewed


async def list_pending(conn: Connection, most: int) -> list[Claim]:
    """What somebody has to look at, the oldest first."""
    return await store.list_pending(conn, most)


def checked_proof(task: Task, proof: str) -> str:
    """What the task asks for, without blanks around it. The server never fetches an address."""
    text = proof.strip()
    if task.proof == "url" and not _is_web_address(text):
        raise ValidationFailed("Give the address of a page, such as https://example.com/post.", field="proof")
    if len(text) < SHORTEST_TEXT:
        raise ValidationFailed("Say a little more.", field="proof")
    return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    has_blank = any(character.isspace() for character in text)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not has_blank


async def _reward(conn: Connection, task: Task, claim: Claim) -> None:
    key = f"social:{task.id}:{claim.user_id}"
    await credit(conn, claim.user_id, "earned", task.amount, key=key, reason=task.title)
