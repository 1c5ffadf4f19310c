from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.server.kit.conftest import Mortal, floor

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from server.kit.settings import Settings


@pytest.mark.req("S0-50")
@pytest.mark.parametrize("path", ["/healthz", "/health"])
def test_a_living_process_says_so(path: str, client: TestClient) -> None:
    assert client.get(path).json() == {"ok": True, "data": {"status": "ok"}}


@pytest.mark.req("S0-50")
def test_what_works_is_told(client: TestClient) -> None:
    assert client.get("/readyz").json()["data"] == {"database": True, "bus": True}
    assert client.get("/api/health").json()["data"] == {
        "status": "ok",
        "version": "1.2.3",
        "environment": "test",
        "database": True,
        "bus": True,
    }


def test_without_the_bus_it_is_ready_and_goes_on(settings: Settings, mortal_bus: Mortal) -> None:
    with floor(settings.model_copy(update={"redis_url": mortal_bus.url})) as client:
        mortal_bus.kill()

        assert client.get("/readyz").json()["data"] == {"database": True, "bus": False}
        assert client.get("/api/health").json()["data"]["status"] == "degraded"
        assert client.get("/api/notes").status_code == 200
        mortal_bus.revive()
        assert client.get("/readyz").json()["data"] == {"database": True, "bus": True}


def test_limits_hold_without_the_bus(settings: Settings, mortal_bus: Mortal) -> None:
    cut_off = settings.model_copy(update={"redis_url": mortal_bus.url})
    with floor(cut_off, address="203.0.113.9", limit=2) as client:
        mortal_bus.kill()
        assert [client.get("/api/notes").status_code for _ in range(3)] == [200, 200, 429]


def test_without_the_database_it_is_alive_and_not_ready(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/none"})
    with floor(nowhere) as client:
        answer = client.get("/readyz")

        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/health").json()["data"]["database"] is False


@pytest.mark.req("S4-36")
def test_metrics_are_for_this_machine_and_administrators(settings: Settings) -> None:
    admin = {"Authorization": f"Bearer admin:{uuid4()}"}
    user = {"Authorization": f"Bearer user:{uuid4()}"}
    with floor(settings) as near, floor(settings, address="203.0.113.9") as far:
        assert near.get("/metrics").status_code == 200
        assert near.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
        assert near.get("/metrics", headers={"Forwarded": "for=203.0.113.9"}).status_code == 403
        assert far.get("/metrics").status_code == 403
        assert far.get("/metrics", headers=user).status_code == 403
        assert far.get("/metrics", headers=admin).status_code == 200
