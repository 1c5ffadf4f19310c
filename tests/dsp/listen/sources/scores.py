"""What holds for the score of every bed."""

from dsp.listen.sources.bed import Style
from dsp.listen.sources.section import Section
from tests.dsp.music.listening import EPOCH_S

RATE_HZ = 48_000


def sections(style: Style, seed: int, count: int) -> list[tuple[int, Section]]:
    """Consecutive sections with their numbers."""
    first = EPOCH_S * RATE_HZ // style.section
    return [(first + number, style.compose(seed, first + number)) for number in range(count)]


def check_bounds(style: Style, seed: int, count: int) -> None:
    """Notes stay within what the style says of itself, and each has room for its attack and release."""
    for number, section in sections(style, seed, count):
        start, end = number * style.section, (number + 1) * style.section
        assert section.starts[0] == start
        assert section.starts[-1] == end
        assert all(start - style.lead_in <= note.onset for note in section.notes)
        assert all(note.end <= end + style.ring for note in section.notes)
        assert all(shot.onset >= start - style.lead_in for shot in section.shots)
        assert all(shot.end <= end + style.ring for shot in section.shots)
        assert all(note.attack + note.release <= note.length for note in section.notes)


def check_purity(style: Style) -> None:
    """Composed again from nothing a section is the same, and another station's is another."""

    def played(seed: int) -> list[tuple[int, int, float]]:
        style.compose.cache_clear()  # type: ignore[attr-defined]  # each is an lru_cache
        return [(note.onset, note.midi, note.gain) for note in sections(style, seed, 1)[0][1].notes]

    assert played(3) == played(3)
    assert played(3) != played(1)
