"""Which offer would have cost a user least, by that user's own last months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MonthUse:
    """What was used in one month; `data_mb`, `voice_min` and `messages` are whole numbers."""

    data_mb: int = 0
    voice_min: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """An offer as far as its cost goes; None where it has no limit, or no price beyond it."""

    ref: str
    price_minor: int
    allowance_mb: int | None
    allowance_min: int | None
    allowance_messages: int | None
    beyond_minor_per_mb: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    """The cheapest offer and the mean cost of a month under it and under the present one."""

    best: str
    best_minor: int
    present_minor: int

    @property
    def saving_minor(self) -> int:
        """What would be saved each month; 0 where the present offer is the best."""
        return self.present_minor - self.best_minor


def cost_minor(terms: OfferTerms, use: MonthUse) -> int | None:
    """What a month's use costs under an offer; None where it would not have covered that use.

    >>> small = OfferTerms("small", 1900, 1000, None, None, 3)
    >>> cost_minor(small, MonthUse(data_mb=1100)), cost_minor(small, MonthUse(data_mb=10))
    (2200, 1900)
    """
    fits = (terms.allowance_min is None or use.voice_min <= terms.allowance_min) and (
        terms.allowance_messages is None or use.messages <= terms.allowance_messages
    )
    if not fits:
        return None
    over = 0 if terms.allowance_mb is None else max(0, use.data_mb - terms.allowance_mb)
    if over and terms.beyond_minor_per_mb is None:
        return None
    return terms.price_minor + over * (terms.beyond_minor_per_mb or 0)


def best_offer(
    months: Sequence[MonthUse], present: OfferTerms, offers: Iterable[OfferTerms]
) -> Advice | None:
    """The offer that would have cost least over `months`; None where nothing can be said.

    An offer counts only if it covers every month. The present offer wins a draw, then the name
    decides, so that the same use gives the same advice.
    """
    costs = {}
    for terms in (present, *offers):
        each = [cost_minor(terms, use) for use in months]
        known_costs = [cost for cost in each if cost is not None]
        if months and len(known_costs) == len(months):
            costs[terms.ref] = sum(known_costs)
    if present.ref not in costs:
        return None
    best = min(costs, key=lambda ref: (costs[ref], ref != present.ref, ref))
    return Advice(best, costs[best] // len(months), costs[present.ref] // len(months))
