"""What happens to listenings, presets and favourites when something happens to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.listening import library_store, store

if TYPE_CHECKING:
    from server.accounts.hooks import Claimed, Deleted, Exported
    from server.kit.db import Connection


async def claim(conn: Connection, claimed: Claimed) -> None:
    """What was a guest's is the user's."""
    await library_store.move_library(conn, claimed.guest_id, claimed.user_id)
    await store.move_sessions(conn, claimed.guest_id, claimed.user_id)


async def delete(conn: Connection, deleted: Deleted) -> None:
    """Nothing of it stays."""
    await library_store.delete_library(conn, deleted.user_id)
    await store.delete_sessions(conn, deleted.user_id)


async def export(conn: Connection, exported: Exported) -> dict[str, Any]:
    """All of it, as JSON can hold it."""
    presets = await library_store.list_presets(conn, exported.user_id)
    favourites = await library_store.list_favourites(conn, exported.user_id)
    sessions = await store.all_sessions(conn, exported.user_id)
    return {
        "presets": [{"title": one.title, "minutes": one.minutes, "program": one.program} for one in presets],
        "favourites": favourites,
        "listenings": [
            {
                "started_at": one.started_at.isoformat(),
                "mode": one.mode,
                "title": one.title,
                "planned_s": one.planned_s,
                "heard_s": one.heard_s,
                "rating": one.rating,
                "note": one.note,
            }
            for one in sessions
        ],
    }
