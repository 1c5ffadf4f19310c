from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from server.kit.errors import Conflict, NotFound, ValidationFailed
from server.tokens import social
from server.tokens.errors import AlreadyClaimed
from server.tokens.ledger import Balance
from server.tokens.social_store import Claim, Task
from tests.server.tokens.conftest import new_user

if TYPE_CHECKING:
    from uuid import UUID

    from tests.server.tokens.desk import Desk

PAGE = "https://example.com/post"


async def submit(desk: Desk, task: str, proof: str) -> Claim:
    async with desk.database.transaction() as conn:
        return await social.submit(conn, desk.user, task, proof)


async def review(desk: Desk, claim: UUID, *, is_approved: bool, note: str = "") -> Claim:
    async with desk.database.transaction() as conn:
        return await social.review(conn, uuid.uuid4(), claim, is_approved=is_approved, note=note)


@pytest.mark.req("S4-24", "S4-71")
async def test_a_task_is_rewarded_when_somebody_has_looked(desk: Desk) -> None:
    claim = await submit(desk, "write-review", f"  {PAGE} ")
    assert (claim.state, claim.proof) == ("pending", PAGE)
    assert await desk.balance() == Balance()
    async with desk.database.connection() as conn:
        assert await social.list_pending(conn, 9) == [claim]
        offers = {offer.task.id: offer for offer in await social.list_offers(conn, desk.user)}
        others = await social.list_offers(conn, await new_user(desk.database))
    assert (offers["write-review"].claim, offers["follow"].claim) == (claim, None)
    assert [offer.claim for offer in others] == [None, None, None]
    approved = await review(desk, claim.id, is_approved=True, note="Thank you.")
    assert (approved.state, approved.note) == ("approved", "Thank you.")
    assert await review(desk, claim.id, is_approved=True) == approved
    assert await desk.balance() == Balance(earned=offers["write-review"].task.amount)
    assert await desk.types() == ["reward"]


@pytest.mark.req("S4-71")
async def test_a_task_rewards_a_person_once(desk: Desk) -> None:
    await submit(desk, "follow", "@me")
    assert await desk.balance() == Balance(earned=5)
    with pytest.raises(AlreadyClaimed):
        await submit(desk, "follow", "@me2")
    claim = await submit(desk, "share-preset", PAGE)
    with pytest.raises(AlreadyClaimed):
        await submit(desk, "share-preset", PAGE)
    await review(desk, claim.id, is_approved=True)
    with pytest.raises(AlreadyClaimed):
        await submit(desk, "share-preset", PAGE)
    assert await desk.balance() == Balance(earned=25)


async def test_of_ten_claims_at_once_one_is_rewarded(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(submit(desk, "follow", f"@{n}") for n in range(10)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(AlreadyClaimed) == 9
    assert await desk.balance() == Balance(earned=5)


async def test_who_was_rejected_may_try_again(desk: Desk) -> None:
    claim = await submit(desk, "share-preset", PAGE)
    rejected = await review(desk, claim.id, is_approved=False, note="There is nothing there.")
    assert (rejected.state, rejected.note) == ("rejected", "There is nothing there.")
    with pytest.raises(Conflict, match="decided otherwise"):
        await review(desk, claim.id, is_approved=True)
    again = await submit(desk, "share-preset", f"{PAGE}/2")
    assert (again.state, again.note) == ("pending", "")
    with pytest.raises(NotFound):
        await review(desk, claim.id, is_approved=True)
    await review(desk, again.id, is_approved=True)
    with pytest.raises(Conflict, match="decided otherwise"):
        await review(desk, again.id, is_approved=False)
    assert await desk.balance() == Balance(earned=20)


async def test_what_is_not_offered_cannot_be_claimed(desk: Desk) -> None:
    await desk.rows("UPDATE social_tasks SET is_open = false WHERE id = 'follow'")
    for task in ("follow", "jump"):
        with pytest.raises(NotFound):
            await submit(desk, task, "@me")
    with pytest.raises(NotFound):
        await review(desk, uuid.uuid4(), is_approved=True)


async def test_a_claim_of_a_task_that_was_closed_meanwhile_is_still_rewarded(desk: Desk) -> None:
    claim = await submit(desk, "share-preset", PAGE)
    await desk.rows("UPDATE social_tasks SET is_open = false")
    await review(desk, claim.id, is_approved=True)
    assert await desk.balance() == Balance(earned=20)


@pytest.mark.parametrize(
    ("kind", "proof"),
    [
        *(("url", proof) for proof in ("", "me", "javascript:alert(1)", "ftp://a.b/c", "https://", "//a.b")),
        *(("url", proof) for proof in ("https://[a", "https://a.b/c d", "data:text/html,x", "http://host")),
        ("text", " "),
        ("text", "x "),
    ],
)
def test_a_proof_is_what_the_task_asks_for(kind: str, proof: str) -> None:
    task = Task("t", "T", "", 1, kind, "manual")  # type: ignore[arg-type]  # a parameter of the test
    with pytest.raises(ValidationFailed) as caught:
        social.checked_proof(task, proof)
    assert caught.value.field == "proof"
