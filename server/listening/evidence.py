"""What is known for and against each way of colouring sound, with the source beside each sentence.

Nothing here is a medical claim; the page prints both sides and that it may do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTE = "Some studies found a small effect, some none. It may do nothing for you."


@dataclass(frozen=True, slots=True)
class Finding:
    """One published finding in plain words."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides of what a preset rests on."""

    supporting: tuple[Finding, ...]
    opposing: tuple[Finding, ...]


WOODS_2019 = Finding(
    text="677 people did a sustained-attention task. Music modulated at 16 Hz did better than at 8 or 32 Hz.",
    source="Woods 2019, arXiv 1907.06909",
)
COMMUN_BIOL_2024 = Finding(
    text=(
        "Fast modulation in music helped attention, most in people with more symptoms of ADHD. "
        "The authors make such music."
    ),
    source="Communications Biology 2024;7:1376",
)
GARCIA_ARGIBAY_2019 = Finding(
    text="Taken together, studies of binaural beats found a medium effect (g = 0.45), with mixed outcomes.",
    source="Garcia-Argibay 2019, meta-analysis",
)
INGENDOH_2023 = Finding(
    text="Do brain waves follow binaural beats? Of 14 studies 5 say yes, 8 say no and 1 says both.",
    source="Ingendoh 2023, systematic review",
)
KLICHOWSKI_2023 = Finding(
    text="1,000 people reasoned worse with binaural beats than without.",
    source="Klichowski 2023",
)
NIGG_2024 = Finding(
    text=(
        "White and pink noise helped people with ADHD a little (g = 0.25) and made others a little worse "
        "(g = 0.21). Nobody has studied brown noise."
    ),
    source="Nigg 2024, meta-analysis",
)
NO_STUDY_OF_THIS_RATE = Finding(
    text="We know of no good study of modulated music at this rate. The rate follows custom.",
    source="Soundwell",
)

ATTENTION = Evidence(
    supporting=(WOODS_2019, COMMUN_BIOL_2024),
    opposing=(INGENDOH_2023, KLICHOWSKI_2023, NIGG_2024),
)
CALM = Evidence(
    supporting=(GARCIA_ARGIBAY_2019,),
    opposing=(INGENDOH_2023, NO_STUDY_OF_THIS_RATE),
)
ALERTNESS = Evidence(
    supporting=(COMMUN_BIOL_2024,),
    opposing=(INGENDOH_2023, KLICHOWSKI_2023, NO_STUDY_OF_THIS_RATE),
)
