from itertools import pairwise, product

import pytest

from dsp.listen.sources.harmony import STATES
from dsp.listen.sources.voicing import candidates, is_clear, lead, nearest, opening_voicing

LOW, HIGH = 48, 71
EVERY_CHORD = [
    tuple((tone + tonic) % 12 for tone in state)
    for states in STATES.values()
    for state in states
    for tonic in range(12)
]


@pytest.mark.parametrize("tonic", range(12))
def test_every_chord_has_good_voicings_in_every_key(tonic: int) -> None:
    for chord in EVERY_CHORD[tonic::12]:
        voicings = candidates(chord, LOW, HIGH)
        assert voicings
        for voicing in voicings:
            gaps = [above - below for below, above in pairwise(voicing)]
            assert {note % 12 for note in voicing} == set(chord)
            assert LOW <= voicing[0] < voicing[-1] <= HIGH
            assert min(gaps) >= 2
            assert max(gaps) <= 9
            assert gaps[0] >= 3
            assert gaps.count(2) <= 1
            assert voicing[-1] - voicing[0] <= 19
            assert all(high - low != 13 for low, high in product(voicing, voicing))


def test_opening_is_the_nearest_to_the_centre() -> None:
    chord = (0, 4, 7, 2)
    opening = opening_voicing(chord, LOW, HIGH, 58.0)
    distances = [abs(sum(voicing) / 4 - 58.0) for voicing in candidates(chord, LOW, HIGH)]
    assert abs(sum(opening) / 4 - 58.0) == min(distances)


def test_lead_finds_the_cheapest_path() -> None:
    """Against every path of a short progression."""
    chords = ((5, 9, 0, 4), (9, 0, 4, 7))
    start = opening_voicing((0, 4, 7, 2), LOW, HIGH, 58.0)
    end = opening_voicing((2, 5, 9, 0), LOW, HIGH, 58.0)

    def cost(path: tuple[tuple[int, ...], ...]) -> float:
        total = 0.0
        for before, after in pairwise(path):
            moved = sum(abs(new - old) for old, new in zip(before, after, strict=True))
            total += moved + 0.8 * max(0, abs(after[-1] - before[-1]) - 2) + (0.0 if moved else 2.0)
        return total + sum(1.1 * abs(sum(voicing) / 4 - 58.0) for voicing in path[1:-1])

    paths = [(start, *middle, end) for middle in product(*(candidates(chord, LOW, HIGH) for chord in chords))]
    found = lead(start, chords, end, LOW, HIGH, 58.0)
    assert found[0] == start
    assert cost((*found, end)) == pytest.approx(min(map(cost, paths)))


def test_nearest_is_within_half_an_octave() -> None:
    for tone in range(12):
        for place in (38, 42.0, 60, 67):
            assert nearest(tone, place) % 12 == tone
            assert abs(nearest(tone, place) - place) <= 6


def test_a_note_is_clear_of_seconds_and_ninths() -> None:
    assert is_clear(60, (55, 64, 67))
    assert is_clear(60, (48, 49 + 22, 72))
    for other in (47, 59, 61, 73):
        assert not is_clear(60, {other, 64})
