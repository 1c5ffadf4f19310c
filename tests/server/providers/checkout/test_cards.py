from __future__ import annotations

from server.providers.checkout.cards import CARDS, GOOD, find_card, grouped


def test_a_test_card_is_known_however_it_is_typed() -> None:
    for number, card in CARDS.items():
        assert find_card(number) is find_card(grouped(number)) is card
        assert card.last4 == number[-4:]


def test_any_other_number_is_not() -> None:
    assert find_card("4111 1111 1111 1111") is None
    assert find_card("") is None


def test_a_number_is_printed_in_fours() -> None:
    assert grouped(GOOD) == "4242 4242 4242 4242"
