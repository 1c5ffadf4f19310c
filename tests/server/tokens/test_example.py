"""The example in docs/topics/tokens.md, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.server.tokens.desk import MONTH, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.tokens.desk import Desk

PAGE = Path(__file__).parents[3] / "docs" / "topics" / "tokens.md"


def table() -> Iterator[list[str]]:
    """The cells of the example's lines; a line with ditto marks repeats the one above."""
    lines = PAGE.read_text().partition("| transfer |")[2].splitlines()
    last: list[str] = []
    for line in lines[2:]:
        if not line.startswith("|"):
            return
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        last = [above if cell == "″" else cell for cell, above in zip(cells, last or cells, strict=True)]
        yield last


async def test_the_page_tells_what_happens(desk: Desk) -> None:
    told = list(table())
    seen = []

    async def note() -> None:
        balance = await desk.balance()
        seen.append([balance.granted, balance.bought, balance.held, balance.debt, balance.available])

    await desk.give("granted", 50, ends=NOW)
    await note()
    await desk.give("bought", 100, "pack")
    await note()
    job = (await desk.reserve(120)).job_id
    await note()
    await desk.settle(job, 90)
    await note()
    await note()
    await desk.refund("pack")
    await note()
    await desk.give("granted", 50, ends=NOW + MONTH)
    await note()
    assert seen == [[int(cell) for cell in line[3:]] for line in told]

    entries = await desk.rows("SELECT account, amount, type FROM token_entries ORDER BY id")
    moves = [
        (source["type"], source["account"], target["account"], target["amount"])
        for source, target in zip(entries[::2], entries[1::2], strict=True)
    ]
    assert moves == [
        (
            line[0].split()[0],
            *line[1].replace("ada", str(desk.user)).replace("`", "").split(" → "),
            int(line[2]),
        )
        for line in told
    ]
    sums = await desk.rows("SELECT account, sum(amount)::int AS amount FROM token_entries GROUP BY account")
    assert {row["account"]: row["amount"] for row in sums if row["amount"]} == {
        "issued": -200,
        "revenue": 90,
        "refunded": 100,
        f"user:{desk.user}": 10,
    }
