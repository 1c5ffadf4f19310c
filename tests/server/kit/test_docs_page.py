from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.mark.req("S0-49", "S3-233")
def test_the_page_and_all_that_it_loads_come_from_here_without_inline_script(client: TestClient) -> None:
    page = client.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert len(loaded) == 4
    for path in loaded:
        assert path.startswith("/docs/")
        assert client.get(path).status_code == 200
    assert not re.search(r"<script(?![^>]*src=)", page.text)
    assert "style=" not in page.text


def test_the_document_holds_itself(client: TestClient) -> None:
    answer = client.get("/api/openapi.json")

    assert answer.headers["content-type"] == "application/json"
    assert "/api/openapi.json" in answer.json()["paths"]


def test_no_other_file_of_the_package_is_served(client: TestClient) -> None:
    for name in ("index.html", "..%2f__init__.py", "swagger-ui-bundle.js.map"):
        assert client.get(f"/docs/{name}").json()["code"] == "not_found"
