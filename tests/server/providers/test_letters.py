from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from server.providers.letters import LINE, Action, compose

EVIL = '<img src=x onerror="alert(1)"> & "more"'


class Reader(HTMLParser):
    """The words and links of a document, and what it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags, self.open = "", [], set(), []
        self.feed(html)

    words: str
    links: list[str]
    tags: set[str]
    open: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_text_and_html_say_the_same() -> None:
    action = Action("Confirm", "https://sound.example/verify/x?a=1&b=2")
    body = compose("Welcome, Ada", ["First.", "Second."], action=action, small_print="Good for a day.")
    reader = Reader(body.html)
    for said in ("Welcome, Ada", "First.", "Second.", "Confirm", action.url, "Good for a day.", "Soundwell"):
        assert said in body.text
        assert said in reader.words
    assert set(reader.links) == {action.url}
    assert reader.open == []


def test_what_people_write_stays_text() -> None:
    body = compose(EVIL, [EVIL], action=Action(EVIL, "https://sound.example/?q=<script>"), small_print=EVIL)
    reader = Reader(body.html)
    assert reader.tags.isdisjoint({"img", "script"})
    assert reader.words.count(EVIL) == 6  # title, preview, heading, paragraph, button, small print
    assert EVIL in body.text


def test_nothing_is_loaded_and_every_colour_stands_inline() -> None:
    body = compose("A", ["b"], action=Action("c", "https://d.example"))
    assert Reader(body.html).tags.isdisjoint({"style", "link", "img", "svg", "script"})
    assert "url(" not in body.html
    for style in re.findall(r'<(?:p|h1|a)\b[^>]*style="([^"]*)"', body.html):
        assert "color:#" in style, "words on a night of their own need a colour of their own"


def test_every_word_stands_out_from_the_night_behind_it() -> None:
    """axe-core does not judge words on a gradient; each of its three colours is judged here."""
    body = compose(
        "A",
        ["b"],
        action=Action("c", "https://d.example"),
        small_print="e",
        unsubscribe_url="https://f.example",
    )
    night = re.findall(r"#[0-9a-f]{6}", body.html.split("linear-gradient")[1].split('"')[0])
    inks = set(re.findall(r"[;\"]color:(#[0-9a-f]{6})", body.html))
    assert (len(night), len(inks)) == (3, 5)
    inks.remove("#1d1505")
    assert contrast("#1d1505", "#f0c35a") >= 4.5, "on the button"
    for ink in inks:
        assert min(contrast(ink, colour) for colour in night) >= 4.5, ink


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: of two colours, the lighter first."""
    lights = sorted(luminance(colour) + 0.05 for colour in (one, other))
    return lights[1] / lights[0]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_plain_text_fits_a_line_but_addresses_are_whole() -> None:
    url = f"https://sound.example/{'x' * 100}"
    body = compose("A", ["many words " * 30], action=Action("Go", url), unsubscribe_url=f"{url}/leave")
    lines = body.text.splitlines()
    assert url in lines
    assert all(len(line) <= LINE for line in lines if "https:" not in line)
    assert f"{url}/leave" in body.text
    assert f"{url}/leave" in Reader(body.html).links


def test_a_letter_without_an_action_or_paragraphs_is_a_letter() -> None:
    body = compose("Your password was changed", [])
    assert "href" not in body.html
    assert body.text.startswith("Your password was changed\n")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/verify", "data:text/html,x", ""])
def test_a_letter_leads_to_the_web_or_nowhere(url: str) -> None:
    with pytest.raises(ValueError, match="cannot lead"):
        Action("Go", url)
