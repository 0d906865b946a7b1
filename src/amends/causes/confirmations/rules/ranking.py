"""Partners by the share of their services nobody confirmed; no rank is given inside the noise.

Services are counted, not charges: twelve monthly charges of one service are one confirmation that
is or is not there. Intervals are Clopper–Pearson (1934), at a level divided by the number of
partners (Bonferroni), so that all of them hold at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PartnerCount:
    """Services of one partner that were judged, and those without a confirmation."""

    name: str
    judged: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A partner's share with its interval and its rank; equal ranks do not differ clearly.

    rank        1 + the partners that are surely worse
    stands_out  surely above the share of all the others together
    """

    name: str
    judged: int
    wrong: int
    share: float
    low: float
    high: float
    rank: int
    stands_out: bool


def interval(wrong: int, judged: int, *, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a share.

    >>> [round(end, 4) for end in interval(5, 100)]
    [0.0164, 0.1128]
    >>> interval(0, 0)
    (0.0, 1.0)
    """
    tail = (1 - level) / 2
    low = float(special.betaincinv(wrong, judged - wrong + 1, tail)) if wrong else 0.0
    high = float(special.betaincinv(wrong + 1, judged - wrong, 1 - tail)) if wrong < judged else 1.0
    return low, high


def ranked(counts: Sequence[PartnerCount], *, level: float = LEVEL) -> list[Ranked]:
    """Partners, the highest share first.

    >>> [(one.name, one.rank, one.stands_out) for one in ranked([
    ...     PartnerCount("a", 1000, 10), PartnerCount("b", 1000, 12),
    ...     PartnerCount("c", 1000, 300)])]
    [('c', 1, True), ('b', 2, False), ('a', 2, False)]
    """
    if not counts:
        return []
    each = 1 - (1 - level) / len(counts)
    spans = [interval(count.wrong, count.judged, level=each) for count in counts]
    judged, wrong = sum(count.judged for count in counts), sum(count.wrong for count in counts)
    ranked_partners = []
    for partner_count, (low, high) in zip(counts, spans, strict=True):
        other_judged = judged - partner_count.judged
        others_share = (wrong - partner_count.wrong) / other_judged if other_judged else 1.0
        ranked_partners.append(
            Ranked(
                name=partner_count.name,
                judged=partner_count.judged,
                wrong=partner_count.wrong,
                share=partner_count.wrong / partner_count.judged if partner_count.judged else 0.0,
                low=low,
                high=high,
                rank=1 + sum(worse > high for worse, _ in spans),
                stands_out=low > others_share,
            )
        )
    return sorted(
        ranked_partners,
        key=lambda ranked_partner: (
            ranked_partner.rank,
            -ranked_partner.share,
            ranked_partner.name,
        ),
    )
