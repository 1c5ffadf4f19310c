"""What a letter looks like: one description becomes plain text and HTML.

Mail programs know no style sheets and no SVG, and each darkens a page in its own way: so every colour
stands inline on a night of its own, and the well is drawn with borders. It reads the same on white and black.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: Final = 72
NAME: Final = "Soundwell"

_SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
_SERIF = "'Iowan Old Style','Palatino Linotype',Palatino,'URW Palladio L',P052,Georgia,serif"
_GROUND, _WELL, _HAIRLINE = "#14101f", "#0b0816", "#2d2543"
_TEXT, _TEXT_2, _TEXT_3 = "#f2eefc", "#cfc7e4", "#9489b3"
_GOLD, _ON_GOLD, _PURPLE = "#f0c35a", "#1d1505", "#a98bff"
_RINGS = ((9, "#7259c8"), (11, "#4d3d80"), (13, "#352a57"), (16, "#241c3b"))
"""Distance in pixels and colour, from the innermost: wider apart and fainter the further they go."""
_TABLE = '<table role="presentation" cellspacing="0" cellpadding="0" border="0"'


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do."""

    label: str
    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise ValueError(f"a mail cannot lead to {self.url!r}")


@dataclass(frozen=True, slots=True)
class Body:
    """The same letter twice."""

    text: str
    html: str


def compose(
    heading: str,
    paragraphs: Sequence[str],
    *,
    action: Action | None = None,
    small_print: str = "",
    unsubscribe_url: str = "",
) -> Body:
    """A letter in text and HTML; everything given is text, and is escaped."""
    return Body(
        _text(heading, paragraphs, action, small_print, unsubscribe_url),
        _html(heading, paragraphs, action, small_print, unsubscribe_url),
    )


def _text(
    heading: str, paragraphs: Sequence[str], action: Action | None, small_print: str, unsubscribe_url: str
) -> str:
    parts = [heading, *(textwrap.fill(paragraph, LINE) for paragraph in paragraphs)]
    if action is not None:
        parts.append(f"{action.label}:\n{action.url}")
    foot = textwrap.fill(small_print, LINE)
    if unsubscribe_url:
        foot = f"{foot}\nNo more of these letters: {unsubscribe_url}".strip()
    parts.append(f"-- \n{NAME}" + (f"\n{foot}" if foot else ""))
    return "\n\n".join(parts) + "\n"


def _html(
    heading: str, paragraphs: Sequence[str], action: Action | None, small_print: str, unsubscribe_url: str
) -> str:
    preview = escape(paragraphs[0]) if paragraphs else ""
    inner = "".join(
        (
            _well(),
            _heading(heading),
            *(_paragraph(paragraph) for paragraph in paragraphs),
            _button(action) if action else "",
            _foot(small_print, unsubscribe_url),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(heading)}</title></head>"
        '<body style="margin:0;padding:0">'
        f'<div style="display:none;max-height:0;overflow:hidden;opacity:0">{preview}</div>'
        f'{_TABLE} width="100%"><tr><td align="center" style="padding:24px 12px">'
        f'{_TABLE} width="100%" bgcolor="{_GROUND}" style="max-width:560px;border-radius:24px;'
        f'background-color:{_GROUND};background-image:linear-gradient(#181233,{_GROUND} 46%,#0f0b1a)">'
        f'<tr><td align="center" style="padding:40px 32px 32px">{inner}</td></tr></table>'
        "</td></tr></table></body></html>\n"
    )


def _well() -> str:
    """Rings on dark water, each a border around the next."""
    drawn = f'<div style="width:14px;height:14px;border-radius:7px;background-color:{_PURPLE}"></div>'
    for distance, colour in _RINGS:
        drawn = (
            f'<div style="display:inline-block;padding:{distance}px;border:1px solid {colour};'
            f'border-radius:64px;background-color:{_WELL}">{drawn}</div>'
        )
    return f'<div aria-hidden="true" style="margin:0 0 28px;font-size:0;line-height:0">{drawn}</div>'


def _heading(heading: str) -> str:
    return (
        f'<h1 style="margin:0 0 20px;font:400 30px/1.2 {_SERIF};color:{_TEXT};'
        'text-align:center;text-wrap:balance">'
        f"{escape(heading)}</h1>"
    )


def _paragraph(paragraph: str) -> str:
    return (
        f'<p style="margin:0 0 16px;font:400 16px/1.6 {_SANS};color:{_TEXT_2};'
        'text-align:center;text-wrap:pretty">'
        f"{escape(paragraph)}</p>"
    )


def _button(action: Action) -> str:
    """The button, and the same address in words for where buttons do not work."""
    label, url = escape(action.label), escape(action.url)
    return (
        f'{_TABLE} align="center" style="margin:28px auto 0"><tr>'
        f'<td bgcolor="{_GOLD}" style="border-radius:24px;background-color:{_GOLD}">'
        f'<a href="{url}" target="_blank" style="display:inline-block;padding:14px 32px;'
        f'font:600 16px/20px {_SANS};color:{_ON_GOLD};text-decoration:none;border-radius:24px">{label}</a>'
        "</td></tr></table>"
        f'<p style="margin:20px 0 0;font:400 13px/1.5 {_SANS};color:{_TEXT_3};text-align:center">'
        "Or open this address:<br>"
        f'<a href="{url}" target="_blank" style="color:{_PURPLE};text-decoration:none;word-break:break-all">'
        f"{url}</a></p>"
    )


def _foot(small_print: str, unsubscribe_url: str) -> str:
    said = escape(small_print)
    if unsubscribe_url:
        style = f'target="_blank" style="color:{_TEXT_3}"'
        link = f'<a href="{escape(unsubscribe_url)}" {style}>No more of these letters</a>'
        said = f"{said}<br>{link}" if said else link
    words = f'<p style="margin:0 0 10px;font:400 13px/1.5 {_SANS};color:{_TEXT_3}">{said}</p>' if said else ""
    return (
        f'<div style="margin-top:32px;padding-top:20px;border-top:1px solid {_HAIRLINE};text-align:center">'
        f'{words}<p style="margin:0;font:italic 400 17px/1.4 {_SERIF};color:{_TEXT_3}">{NAME}</p></div>'
    )
