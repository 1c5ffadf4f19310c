from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.providers.pages import answer_page, page

if TYPE_CHECKING:
    from tests.api.site import Site


async def test_a_page_has_no_script_and_nothing_inline_and_all_that_it_loads_exists(site: Site) -> None:
    document = page("Title", "<main></main>", "answer")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', document)
    assert len(loaded) == 2
    for path in loaded:
        answer = await site.http.get(path)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/css")
    assert "<script" not in document
    assert "style=" not in document


async def test_the_style_uses_the_names_of_the_products_colours(site: Site) -> None:
    known = set(re.findall(r"(--[\w-]+):", (await site.http.get("/web/css/tokens.css")).text))
    used = set(re.findall(r"var\((--[\w-]+)\)", (await site.http.get("/mail.css")).text))
    assert used
    assert used <= known


def test_words_stay_words_and_a_button_is_a_question() -> None:
    asked = bytes(answer_page("<b>", "a & b", "Yes <i>").body).decode()
    assert "<h1>&lt;b&gt;</h1><p>a &amp; b</p>" in asked
    assert '<form method="post"><button>Yes &lt;i&gt;</button></form>' in asked
    told = answer_page("Gone", "Too late.", status=410)
    assert (told.status_code, b"<form" in bytes(told.body)) == (410, False)
