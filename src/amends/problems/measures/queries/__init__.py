"""What pages, commands, the API and the apps above ask about measures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.measures import refusals
from amends.problems.measures.choices import FAILED, MeasureState
from amends.problems.measures.models import Measure

if TYPE_CHECKING:
    from amends.problems.measures.rules.measure_terms import MeasureTerms


@dataclass(frozen=True, slots=True)
class MeasureSummary:
    """A measure with what its newest judgement found.

    treated, control  segments such as `code=network.speed|area=area-4101`
    expected_drop     the drop it is meant to bring, as a share
    verdict           empty before the day of judgement
    rate_ratio        rate after over rate before, relative to the control, with `low` and `high`
                      each one-sided at 95 %; of an interim judgement the figures that remain valid
                      however often one looks; None where nothing is known yet
    smallest_detectable_drop  drop (0 to 1) that would have been shown in four of five cases
    against_alarmed   rate ratio, low and high against untreated segments with a similar rise
    check             the series against its own noise
    on_the_way        the interim verdict, and what it rests on
    looks             number of judgements so far
    digest            SHA-256 of the terms; empty before the start
    """

    number: int
    title: str
    state: str
    drill: bool
    owner: str
    cause: str
    action: str
    treated: list[str]
    control: list[str]
    starts_on: date
    judge_on: date
    wash_out_days: int
    left_out: list[date]
    expected_drop: float
    verdict: str
    rate_ratio: float | None
    low: float | None
    high: float | None
    smallest_detectable_drop: float | None
    method: str | None
    reasons: list[str]
    against_alarmed: list[float | None]
    check: dict[str, Any] | None
    on_the_way: dict[str, Any] | None
    on_the_way_rests_on: str | None
    looks: int
    digest: str


@dataclass(frozen=True, slots=True)
class MeasureList:
    """The measures asked for, and how many were judged by this call.

    state  the only state that was asked for; empty for all
    """

    measures: list[MeasureSummary]
    judged_now: int = 0
    state: str = ""

    @property
    def failed(self) -> bool:
        """Whether one of them was not shown to work, or made things worse."""
        return any(measure.verdict in FAILED for measure in self.measures)


def refuse_unknown_state(state: str) -> None:
    """Raise UnableToListMeasures where no measure can be in this state; empty is any state."""
    if state and state not in MeasureState.values:
        raise refusals.unknown_state(known=", ".join(MeasureState.values))


def visible_measures(*, brand: str = "", state: str = "") -> QuerySet[Measure]:
    """The measures that people of a brand may see: its own and those of no brand.

    state  only those in this state; UnableToListMeasures where there is no such state
    """
    refuse_unknown_state(state)
    rows = Measure.objects.select_related("issue")
    if brand:
        rows = rows.filter(brand__in=("", brand))
    return rows.filter(state=state) if state else rows


def measures(*, brand: str = "", state: str = "") -> list[MeasureSummary]:
    """The measures in order of their numbers, all or those in a state."""
    rows = visible_measures(brand=brand, state=state).order_by("number")
    return [_summary(row) for row in rows.prefetch_related("judgements")]


def counts_by_state(*, brand: str = "") -> dict[MeasureState, int]:
    """How many measures are in each state, 0 included."""
    rows = visible_measures(brand=brand).order_by().values_list("state").annotate(Count("id"))
    counts = dict(rows)
    return {state: counts.get(state, 0) for state in MeasureState}


def measures_of(issue: HotIssue) -> list[Measure]:
    """The measures against an issue and against those that were merged into it, in order."""
    of_issue = Q(issue=issue) | Q(issue__merged_into=issue)
    return list(Measure.objects.filter(of_issue).order_by("number"))


def smallest_drop_of(terms: MeasureTerms, *, brand: str = "") -> float | None:
    """The smallest drop (0 to 1) that a plan could show, from what is on record until today; None
    where that is too little, or the terms name a place that cannot be read."""
    # Reads complaints with Polars, which no command that only lists measures should load.
    from amends.problems.measures.queries.measure_counts import counted
    from amends.problems.measures.rules.measure_terms import readable
    from amends.problems.measures.rules.smallest_drop import smallest_drop

    if (
        not all(map(readable, (*terms.treated, *terms.control)))
        or terms.judge_on <= terms.starts_on
    ):
        return None
    today = timezone.localdate()
    return smallest_drop(counted(terms, on=min(today, terms.starts_on), brand=brand), terms)


def judged_measures(*, brand: str = "") -> list[tuple[int, str, float | None]]:
    """Number, verdict and rate ratio of the measures judged, in order of their numbers."""
    judged = [
        measure
        for measure in measures(brand=brand)
        if measure.state == MeasureState.JUDGED and not measure.drill
    ]
    return [(judgement.number, judgement.verdict, judgement.rate_ratio) for judgement in judged]


def _summary(row: Measure) -> MeasureSummary:
    judgements = sorted(row.judgements.all(), key=lambda judgement: (judgement.on, judgement.final))
    last = judgements[-1] if judgements else None
    last_document: dict[str, Any] = last.document if last else {}
    figures = last_document if last and last.final else last_document.get("on_the_way") or {}
    return MeasureSummary(
        number=row.number,
        title=row.title,
        state=row.state,
        drill=row.drill,
        owner=row.owner,
        cause=row.cause,
        action=row.action,
        treated=list(row.treated),
        control=list(row.control),
        starts_on=row.starts_on,
        judge_on=row.judge_on,
        wash_out_days=row.wash_out_days,
        left_out=[day for day in (row.left_from, row.left_to) if day],
        expected_drop=row.expected_drop_permille / 1000,
        verdict=row.verdict,
        rate_ratio=figures.get("rate_ratio"),
        low=figures.get("low"),
        high=figures.get("high"),
        smallest_detectable_drop=last_document.get("smallest_detectable_drop"),
        method=last_document.get("method"),
        reasons=last_document.get("reasons", []),
        against_alarmed=last_document.get("against_alarmed", []),
        check=last_document.get("checked"),
        on_the_way=last_document.get("on_the_way"),
        on_the_way_rests_on=last_document.get("on_the_way_rests_on"),
        looks=len(judgements),
        digest=row.digest,
    )
