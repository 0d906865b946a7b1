"""Scores of partners as staff and the partner see them, with the way to improve each component."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.causes.vetting.models import (
    PartnerProceeding,
    PartnerScore,
    ProceedingState,
)
from amends.causes.vetting.rules.partner_scores import (
    COMPLAINTS,
    FAULTS,
    FINDINGS,
    NIGHT,
    PER,
    REFUNDS,
    SANCTIONS,
    SHARES,
    TAKE_DOWNS,
    UNCONFIRMED,
    ComponentScore,
)
from amends.engines.stats.rates import PopulationRate, population_rate, rate, share
from amends.people.partners.queries import of_brand, partner, partner_names, partner_status

TITLES: dict[str, str | Promise] = {
    UNCONFIRMED: _("Services without confirmation"),
    COMPLAINTS: _("Complaints in 90 days"),
    FAULTS: _("Faults per 30 days and link"),
    FINDINGS: _("Apps rejected"),
    TAKE_DOWNS: _("Take-downs overdue"),
    NIGHT: _("Activated between midnight and six"),
    REFUNDS: _("Charges refunded"),
    SANCTIONS: _("Sanctions in a year"),
}
IMPROVEMENTS: dict[str, str | Promise] = {
    UNCONFIRMED: _(
        "Have every order confirmed by the user with a code or a reply before it is activated, "
        "and send us the record of it the same day."
    ),
    COMPLAINTS: _(
        "Answer complaints within two days, show price and how to stop in the first message, and "
        "correct what the three most frequent complaints are about."
    ),
    FAULTS: _(
        "Watch the link with a probe of your own, announce planned works, and keep a second way "
        "of delivery ready."
    ),
    FINDINGS: _("Correct the findings of the check and send the app in again."),
    TAKE_DOWNS: _("Take content down within the time of the order; name a person on duty."),
    NIGHT: _("Do not activate at night without a confirmation; look for automatic orders."),
    REFUNDS: _("Find out why charges are refunded, and stop charging in these cases."),
    SANCTIONS: _("Do what the sanction asks for; it counts for a year."),
}


@dataclass(frozen=True, slots=True)
class ComponentLine:
    """A component with its title, its score, and how to improve it.

    published   the figure as every page shows it: count, exposure, rate (None of few users) and
                the 95% interval; None of a share
    low, high   95% interval of a share, as every page shows it
    """

    score: ComponentScore
    title: str | Promise
    is_share: bool
    improvement: str | Promise
    published: PopulationRate | None
    low: float
    high: float

    @property
    def is_higher(self) -> bool:
        """Whether its figure is above that of the others, surely or not."""
        return self.score.others is not None and self.score.value > self.score.others


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """The newest score of a partner; `may_sell` whether it may take orders now.

    proceeding  the last one that was not dropped
    """

    partner: str
    name: str
    month: date
    made_at: datetime
    worse: int
    rank: int
    components: tuple[ComponentLine, ...]
    may_sell: bool
    proceeding: PartnerProceeding | None

    @property
    def not_proven(self) -> int:
        """Components with a higher figure than the others' that chance may explain."""
        return sum(
            component.is_higher and not component.score.is_worse for component in self.components
        )


def partner_lines(
    *, now: datetime, language: str, brand: str = "", refs: Iterable[str] | None = None
) -> list[PartnerLine]:
    """The newest scores, those worse in most components first."""
    rows = PartnerScore.objects.order_by("partner", "-month")
    if refs is not None:
        rows = rows.filter(partner__in=list(refs))
    newest: dict[str, PartnerScore] = {}
    for row in rows:
        newest.setdefault(row.partner, row)
    shown_rows = [row for row in newest.values() if of_brand(row.partner, brand)]
    names = partner_names([row.partner for row in shown_rows], language)
    proceedings = {
        partner_proceeding.partner: partner_proceeding
        for partner_proceeding in PartnerProceeding.objects.exclude(
            state=ProceedingState.DROPPED
        ).order_by("proposed_at")
    }
    lines = [
        PartnerLine(
            partner=row.partner,
            name=names.get(row.partner, row.partner),
            month=row.month,
            made_at=row.made_at,
            worse=row.worse,
            rank=row.rank,
            components=tuple(_line(ComponentScore(**component)) for component in row.components),
            may_sell=partner_status(row.partner, now).reason not in ("suspension", "exclusion"),
            proceeding=proceedings.get(row.partner),
        )
        for row in shown_rows
    ]
    return sorted(lines, key=lambda line: (-line.worse, line.name))


def partner_line(ref: str, *, now: datetime, language: str, brand: str = "") -> PartnerLine | None:
    """The newest score of one partner; None where it has none, or is of another brand."""
    if partner(ref) is None:
        return None
    return next(iter(partner_lines(now=now, language=language, brand=brand, refs=[ref])), None)


def _line(score: ComponentScore) -> ComponentLine:
    """A score with the interval that every page shows (95%); that of the score is wider, for many
    comparisons at once, and decides alone whether the partner is worse."""
    is_share = score.component in SHARES
    published, low, high = None, score.low, score.high
    if is_share:
        if exact := share(score.bad, int(score.exposure)):
            low, high = exact.low, exact.high
    elif score.component == COMPLAINTS:
        published = population_rate(score.bad, round(score.exposure))
        low, high = published.low, published.high
    else:
        span = rate(score.bad, score.exposure, per=PER[score.component])
        low, high = span.low, span.high
    return ComponentLine(
        score=score,
        title=TITLES[score.component],
        is_share=is_share,
        improvement=IMPROVEMENTS[score.component],
        published=published,
        low=low,
        high=high,
    )
