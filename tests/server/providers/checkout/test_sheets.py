from __future__ import annotations

from server.providers.checkout.sheets import NOTICE, message_page, money


def test_money_has_two_digits_behind_the_point() -> None:
    assert [money(amount, "EUR") for amount in (5, 900, 123456)] == ["0.05 EUR", "9.00 EUR", "1234.56 EUR"]


def test_every_page_says_that_it_is_local_and_escapes_what_it_shows() -> None:
    page = message_page("<Title>", "a & b")
    assert NOTICE in page
    assert "&lt;Title&gt;" in page
    assert "a &amp; b" in page
