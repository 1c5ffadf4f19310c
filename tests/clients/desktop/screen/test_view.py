from __future__ import annotations

from dataclasses import replace

import pytest

from clients.desktop.audio.meter import Reading
from clients.desktop.screen.view import State, Style, clock, decibel, lines

STATE = State(
    title="Focus",
    method="am",
    rate_hz=16.0,
    intensity=45,
    standing="moving",
    line="connected",
    attempt=0,
    played_s=918.4,
    total_s=1500.0,
    buffered_s=9.96,
    dropouts=0,
    volume=70,
    is_muted=False,
    reading=Reading(-21.34, -21.0, -9.8),
    spectrum_db=(-90.0, -80.0, -50.0, -20.0, -10.0),
)


def test_the_whole_picture() -> None:
    assert lines(STATE, Style()) == [
        " Focus · AM 16.0 Hz 45 %                                        buf 10 s  drop 0",
        " " + "█" * 39 + "░" * 25 + " 15:18 / 25:00",
        " M -21.3 S -21.0 LUFS  TP -9.8",
        " vol 70",
        " space pause  ↑↓ vol  ←→ intensity  n next  f fav  m mute  t +5  ? keys  q quit",
    ]


def test_in_a_narrow_terminal_what_is_needed_most_is_left() -> None:
    state = replace(STATE, line="reconnecting", attempt=3, is_favourite=True, message="Intensity 60 %.")
    assert lines(state, Style(40)) == [
        " Focus · AM 16.0 Hz 45  [reconnecting 3]",
        " " + "█" * 15 + "░" * 9 + " 15:18 / 25:00",
        " M -21.3 S -21.0 LUFS  TP -9.8",
        " vol 70  ♥  Intensity 60 %.",
        " space pause  ↑↓ vol  ? keys  q quit",
    ]
    assert lines(STATE, Style(40, is_ascii=True))[0] == " Focus - AM 16.0 Hz 45 %        buf 10 s"
    assert lines(state, Style(40, is_ascii=True))[3] == " vol 70  fav  Intensity 60 %."


def test_all_keys_take_the_place_of_the_hints_and_fit_into_forty_columns() -> None:
    picture = lines(STATE, Style(shows_keys=True))
    assert lines(STATE, Style(40, shows_keys=True))[4:] == picture[4:]
    assert len(picture) == 4 + 9


def test_a_question_is_never_cut() -> None:
    question = "Sound is playing on a device with a long name. y: play here instead  q: leave it"
    picture = lines(replace(STATE, question=question), Style(40))[4:]
    assert " ".join(" ".join(picture).split()) == " ".join(question.split())


@pytest.mark.parametrize("width", [12, 20, 40, 80, 200])
@pytest.mark.parametrize("meter", ["bar", "spectrum", "lufs", "none"])
@pytest.mark.parametrize("is_ascii", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, meter: str, is_ascii: bool) -> None:  # noqa: FBT001 - a parameter of the test
    style = Style(width, meter, is_ascii, shows_keys=True)  # type: ignore[arg-type]  # one of its names
    for state in (
        STATE,
        replace(STATE, line="reconnecting", attempt=3, part="work 2 of 4", message="x" * 99),
        replace(STATE, question="y " * 60),
    ):
        picture = lines(state, style)
        assert max(map(len, picture)) <= min(width, 80)
        assert not is_ascii or "".join(picture).isascii()


def test_numbers_stand_beside_every_bar() -> None:
    spectrum, bar = (lines(STATE, Style(meter=meter))[2] for meter in ("spectrum", "bar"))
    assert spectrum == "   ▄██ M -21.3 S -21.0 LUFS  TP -9.8"
    assert bar.endswith("M -21.3 S -21.0 LUFS  TP -9.8")
    assert bar.count("█") == round((60 - 21.34) / 60 * (80 - 29 - 3))
    assert len(lines(STATE, Style(meter="none"))) == 4


def test_colour_says_nothing_that_the_text_does_not() -> None:
    plain, coloured = lines(STATE, Style()), lines(STATE, Style(has_colour=True))
    assert coloured != plain
    without = [
        line.replace("\x1b[33m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") for line in coloured
    ]
    assert without == plain


def test_what_is_the_matter_is_told_in_words() -> None:
    away = lines(replace(STATE, line="reconnecting", attempt=3, standing="waiting", is_muted=True), Style())
    assert "[reconnecting 3]  buf" in away[0]
    assert "waiting 15:18" in away[1]
    assert away[2] == " M - S - LUFS  TP -9.8"  # nothing sounds; the highest peak was there
    assert away[3] == " vol muted  The server is away; it is tried again."
    assert "starting 0:00" in lines(replace(STATE, standing="waiting", played_s=0.0), Style())[1]
    silent = lines(replace(STATE, standing="paused"), Style(meter="spectrum"))[2]
    assert silent == "       M - S - LUFS  TP -9.8"
    assert "[connecting]" in lines(replace(STATE, line="connecting", attempt=1), Style())[0]
    assert "Volume 75 %." in lines(replace(STATE, message="Volume 75 %."), Style())[3]
    assert "· work 1 of 4" in lines(replace(STATE, part="work 1 of 4"), Style())[0]
    assert "buf 0.3 s" in lines(replace(STATE, buffered_s=0.25001), Style())[0]


def test_without_an_end_or_a_rate_there_is_none_to_be_seen() -> None:
    picture = lines(replace(STATE, total_s=None, rate_hz=None), Style())
    assert picture[0].startswith(" Focus · AM 45 %")
    assert picture[1].endswith("░ 15:18")


def test_clock_and_decibels() -> None:
    assert [clock(one) for one in (-1, 0, 61.9, 3723)] == ["0:00", "0:00", "1:01", "1:02:03"]
    assert (decibel(-120.0), decibel(-20.04)) == ("-", "-20.0")
