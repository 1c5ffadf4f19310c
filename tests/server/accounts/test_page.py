from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.accounts.page import WEB, version_of
from tests.api.site import running_site

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from tests.api.site import Site


def cookies_of(answer: httpx2.Response) -> dict[str, str]:
    return {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}


async def test_a_visitor_becomes_a_guest_who_stays_the_same(site: Site) -> None:
    first = await site.http.get("/")
    made = cookies_of(first)
    assert set(made) == {"sw_guest", "sw_csrf"}
    assert "HttpOnly" in made["sw_guest"]
    assert "HttpOnly" not in made["sw_csrf"]
    for line in made.values():
        assert "SameSite=lax" in line
        assert "Path=/" in line
        assert "Secure" not in line
    again = cookies_of(await site.http.get("/"))
    assert again == made


async def test_a_cookie_that_is_not_ours_is_replaced(site: Site) -> None:
    forged = "7" * 32 + ".AAAA"
    answer = await site.http.get("/", headers={"Cookie": f"sw_guest={forged}"})
    assert forged not in cookies_of(answer)["sw_guest"]


async def test_over_https_cookies_stay_there(
    site: Site, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Whether it is https is for a proxy to say that we were told about."""
    behind_proxy = {"X-Forwarded-Proto": "https"}
    answer = await site.http.get("/", headers=behind_proxy)
    assert not any("Secure" in line for line in cookies_of(answer).values())
    async with running_site(database_url, redis_url, tmp_path, trusted_proxies=("127.0.0.1/32",)) as proxied:
        answer = await proxied.http.get("/", headers=behind_proxy)
    assert all("Secure" in line for line in cookies_of(answer).values())


@pytest.mark.req("S1-111")
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/billing/success?order=7", "/#paid"),
        ("/billing/cancel", "/#unpaid"),
        ("/dashboard", "/#account/plan"),
    ],
)
async def test_who_comes_back_from_paying_is_led_to_the_page(site: Site, path: str, place: str) -> None:
    answer = await site.http.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, place)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/web/app.js", "text/javascript; charset=utf-8"),
        ("/web/net/worker.js", "text/javascript; charset=utf-8"),
        ("/web/css/base.css", "text/css; charset=utf-8"),
    ],
)
async def test_files_carry_their_type_and_are_asked_for_again(site: Site, path: str, kind: str) -> None:
    answer = await site.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert "no-cache" in answer.headers["cache-control"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    is_isolated = "cross-origin-embedder-policy" in answer.headers
    assert is_isolated is (not path.endswith(".css"))


async def test_the_worker_that_keeps_the_shell_may_serve_the_document(site: Site) -> None:
    answer = await site.http.get("/web/sw.js")
    assert answer.headers["service-worker-allowed"] == "/"
    other = await site.http.get("/web/app.js")
    assert "service-worker-allowed" not in other.headers


async def test_the_document_names_files_that_may_be_kept_for_ever(site: Site) -> None:
    document = (await site.http.get("/")).text
    script = next(part.split('"')[0] for part in document.split('src="')[1:])
    assert script.startswith(f"/web/v-{version_of(WEB)}/")
    answer = await site.http.get(script)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (WEB / "app.js").read_bytes()


async def test_who_comes_with_an_older_version_must_ask_again(site: Site) -> None:
    answer = await site.http.get("/web/v-0123456789abcdef/net/worker.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "a.js").write_text("1")
    first = version_of(tmp_path)
    assert first == version_of(tmp_path)
    (tmp_path / "ui" / "a.js").write_text("12")
    assert version_of(tmp_path) != first


async def test_an_unchanged_file_is_not_sent_again(site: Site) -> None:
    answer = await site.http.get("/web/app.js")
    again = await site.http.get("/web/app.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/web/none.js", "/web/", "/web/../server/app.py", "/web/%2e%2e/x", "/else"],
)
async def test_nothing_else_is_served(site: Site, path: str) -> None:
    answer = await site.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_file_that_the_document_names_is_there(site: Site) -> None:
    document = (WEB / "index.html").read_text()
    named = [part.split('"')[0] for part in document.split('="/')[1:]]
    assert named
    for path in named:
        assert (await site.http.get(f"/{path}")).status_code == 200, path
