"""Indicators: the complaint rate with its interval and its definition, and what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.cases.audits.queries import DutyCoverage, coverage_of_duties, month_names
from amends.cases.complaints.queries import equivalent_classes
from amends.cases.complaints.queries.corrections import OverruleRate, overrules
from amends.cases.complaints.texts.rules import RuleWords, rule_words
from amends.cases.complaints.texts.units import dimension_word, unit_names
from amends.channels.queries.capabilities import electronic
from amends.engines.stats.rates import FEWEST_USERS, Share, mean, share
from amends.engines.stats.rates import UNITS as UNITS_OF_RATES
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.allocator import give_back
from amends.platform.kit.dates import parse_day
from amends.platform.kit.formats import is_chinese
from amends.problems.indicators.models import PublishedFigure
from amends.problems.indicators.queries.columns import at
from amends.problems.indicators.queries.figures import DIMENSIONS, OWN, PeriodReport, report
from amends.problems.indicators.queries.parts import (
    OF_DUTIES,
    Used,
    duty_parts,
    overruled_parts,
    used_by,
)
from amends.problems.indicators.refusals import UnableToMeasureFigures
from amends.problems.indicators.rules.definitions import (
    Definition,
    breaks,
    class_breaks,
    definitions,
)
from amends.problems.indicators.rules.published_bulletins import (
    counts,
    only_shares,
    operators,
    published,
)
from amends.problems.indicators.rules.shares import ShareFigure, ShareIndicator
from amends.problems.indicators.rules.shares import indicators as share_indicators
from amends.problems.indicators.texts.units import unit_words
from amends.problems.indicators.web.charts import (
    funnel_chart,
    published_chart,
    shares_chart,
    weeks_chart,
)

WEEKS = 13
MOST_RULES = 12
MOST_IMPORTED = 200
MANY = 2_000
CACHE_S = 60
_COUNTING = Lock()


@dataclass(frozen=True, slots=True)
class IndicatorQuery:
    """Period and dimension of an address; `end` is the day after the last one."""

    start: date
    end: date
    by: str

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> str:
        """First and last day, as in `data-period`."""
        return f"{self.start}/{self.last}"

    @property
    def query(self) -> str:
        """The same as part of an address."""
        return f"from={self.start}&to={self.last}&by={self.by}"


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """The report of a period, and when it was counted."""

    report: PeriodReport
    at: datetime


@dataclass(frozen=True, slots=True)
class CountedParts:
    """Figures of sections that are loaded when opened: contacts and orders by channel and by the
    dimension, verdicts people set aside by rule, and by rule and unit."""

    used: dict[str, list[Used]]
    overruled: list[OverruleRate]
    overruled_parts: dict[str, list[ShareFigure]]


@require_safe
@requires("indicators.read")
@refusals_as_pages
def indicators(request: HttpRequest) -> HttpResponse:
    """The rate and the shares of a period, by the dimension the address names.

    Sections below the first chart are left out until they are opened: the page requests itself
    with `section`, and shows that one.
    """
    indicator_query, today = asked_of(request), timezone.localdate()
    counted, names = _cached(request, indicator_query), unit_names(indicator_query.by)
    period_report, opened = counted.report, _opened(request.GET)
    parts = _NO_PARTS
    if opened & {"channels", "overruled"}:
        parts = _cached_parts(request, indicator_query, period_report)
    overruled, used = _in_words(parts.overruled), parts.used
    duties = _duties(request, indicator_query, today) if "duties" in opened else []
    rules, indicators_by_id = definitions(today), share_indicators(today)
    rule = rules["operator"]
    names_of = unit_names("channel")
    chosen = indicators_by_id.get(request.GET.get("show", ""), indicators_by_id["kept"])
    dimension = str(dimension_word(indicator_query.by))
    context: dict[str, Any] = {
        "asked": indicator_query,
        "opened": opened,
        "may_see_coverage": may(actor_of(request).roles, "notices.coverage"),
        "found": period_report,
        "weeks": weeks_chart(period_report, defined(rule)),
        "funnel": funnel_chart(
            period_report,
            names,
            _funnel_title(indicator_query.by),
            defined(rule_of(period_report, rules)),
        ),
        "bars": shares_chart(period_report, chosen, names, f"{_named(chosen)} · {dimension}"),
        "users": round(period_report.users),
        "fewest_users": FEWEST_USERS,
        "has_small_populations": any(
            row.figure and row.figure.published.rate is None for row in period_report.rows
        ),
        "definition": rule,
        "chinese": reads_chinese(),
        "dimensions": [
            (dimension_name, dimension_word(dimension_name)) for dimension_name in DIMENSIONS
        ],
        "dimension": dimension,
        "own": OWN.get(indicator_query.by, ""),
        "rows": [
            (names.get(row.unit, row.unit) or _("not known"), row) for row in period_report.rows
        ],
        "leagued": any(row.place for row in period_report.rows),
        "chosen": chosen.id,
        "in_time": indicators_by_id["kept"].of_measure(period_report.measure),
        "shares": [
            (
                indicator.id,
                _named(indicator),
                _counted(indicator),
                indicator.of_measure(period_report.measure),
            )
            for indicator in indicators_by_id.values()
        ],
        "days": mean(
            period_report.measure.days, period_report.measure.days2, period_report.measure.resolved
        ),
        "solved": share(period_report.measure.resolved, period_report.measure.complaints),
        "units": _units(period_report),
        "carried": _comparable_classes(indicator_query.by),
        "of_services": defined(rule_of(period_report, rules))
        if OWN.get(indicator_query.by) == "services"
        else "",
        "channels": [
            (
                names_of.get(usage.unit, usage.unit) or _("not known"),
                usage.unit in electronic(),
                usage,
            )
            for usage in used.get("channel", [])
        ],
        "used": [
            (names.get(usage.unit, usage.unit) or _("not known"), usage)
            for usage in used.get(indicator_query.by, [])
            if indicator_query.by != "channel"
        ],
        "counted_at": counted.at,
        "overruled": overruled[:MOST_RULES],
        "more_rules": max(len(overruled) - MOST_RULES, 0),
        "duties": duties[:MOST_RULES],
        "more_duties": max(len(duties) - MOST_RULES, 0),
        "overruled_by": _overruled_by(request, indicator_query, parts),
        "duty_by": _duty_by(request, indicator_query, duties) if duties else None,
    }
    if "bulletins" in opened:
        context |= {
            "bulletins": _bulletins(today),
            "published": published_chart(today),
            "counts": _counts(today),
            "only_shares": only_shares(today),
            "operators": operators(today),
            "imported": PublishedFigure.objects.order_by("quarter", "bulletin", "id")[
                :MOST_IMPORTED
            ],
        }
    return render(request, "indicators/indicators.html", context)


_SECTIONS = ("shares", "charts", "units", "channels", "duties", "overruled", "bulletins")
_SECTION_OF_FILTER = {"show": "charts", "by": "units", "duty": "duties", "rule": "overruled"}


def _opened(query: QueryDict) -> set[str]:
    """The sections that an address opens: those it names, all, or those a filter of it is about."""
    names = set(query.getlist("section"))
    if "all" in names:
        return set(_SECTIONS)
    filtered = {section for name, section in _SECTION_OF_FILTER.items() if name in query}
    return filtered | names.intersection(_SECTIONS)


def report_of(request: HttpRequest, indicator_query: IndicatorQuery) -> PeriodReport:
    return report(
        start=indicator_query.start,
        end=indicator_query.end,
        by=indicator_query.by,
        zone=settings.TIME_ZONE,
        on=timezone.localdate(),
        brand=actor_of(request).brand,
    )


def asked_of(request: HttpRequest) -> IndicatorQuery:
    today = timezone.localdate()
    end = _day(request.GET.get("to", ""), today) + timedelta(days=1)
    start = _day(request.GET.get("from", ""), end - timedelta(weeks=WEEKS))
    return IndicatorQuery(start, end, request.GET.get("by", "root"))


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return parse_day(text)
    except ValueError as error:
        raise UnableToMeasureFigures(
            _("“%(text)s” is not a day.") % {"text": text[:20]},
            next_step=_("Write it like 2026-11-24."),
        ) from error


def _bulletins(today: date) -> list[tuple[Any, list[Any], Any]]:
    """Each published quarter, the breaks before it, and what its definition counts."""
    quarters, rules = published(today), definitions(today)
    marks = breaks([quarter.definition for quarter in quarters], today)
    classes = class_breaks([quarter.id for quarter in quarters], today)
    return [
        (
            quarter,
            [mark for mark in (marks.get(at), classes.get(at)) if mark],
            rules[quarter.definition],
        )
        for at, quarter in enumerate(quarters)
    ]


def _counts(today: date) -> tuple[list[tuple[Any, Any]], Any]:
    """The quarters that print no rate, each with the break before it; and the break after them."""
    rows = counts(today)
    classes = class_breaks([row.id for row in rows], today)
    return [(row, classes.get(at)) for at, row in enumerate(rows)], classes.get(len(rows))


def _cached(request: HttpRequest, indicator_query: IndicatorQuery) -> CountedFigure:
    """What is counted, or was a moment ago.

    Every complaint of the period is read: where they are many, they are not read again for each
    reader, and the page says how old its figures are. Readers who come at once wait for one count:
    each count needs memory, and as many as there are threads would end no sooner. What it needed is
    given back: a process of pages would keep it between one minute's count and the next.
    """
    brand = actor_of(request).brand
    key = f"indicators:{indicator_query.query}:{brand}"
    with _COUNTING:
        if cached_figure := caches["process"].get(key):
            return cast(CountedFigure, cached_figure)
        counted_figure = CountedFigure(report_of(request, indicator_query), timezone.now())
        if counted_figure.report.measure.complaints >= MANY:
            caches["process"].set(key, counted_figure, CACHE_S)
            give_back()
        return counted_figure


_NO_PARTS = CountedParts(used={}, overruled=[], overruled_parts={})


def _cached_parts(
    request: HttpRequest, indicator_query: IndicatorQuery, period_report: PeriodReport
) -> CountedParts:
    """The figures of sections loaded when opened, cached as long as those of the report."""
    brand = actor_of(request).brand
    key = f"indicators-parts:{indicator_query.query}:{brand}"
    with _COUNTING:
        if cached_parts := caches["process"].get(key):
            return cast(CountedParts, cached_parts)
        where: dict[str, Any] = {
            "start": indicator_query.start,
            "end": indicator_query.end,
            "brand": brand,
        }
        moment = at(settings.TIME_ZONE)
        parts = CountedParts(
            used={
                by: used_by(by, **where) for by in dict.fromkeys(("channel", indicator_query.by))
            },
            overruled=overrules(
                since=moment(indicator_query.start), until=moment(indicator_query.end), brand=brand
            ),
            overruled_parts=overruled_parts(indicator_query.by, **where),
        )
        if period_report.measure.complaints >= MANY:
            caches["process"].set(key, parts, CACHE_S)
        return parts


def _comparable_classes(by: str) -> list[tuple[str, str]]:
    """Class of a version of the regulator's classes → the one of the other version that holds the
    same complaints, "" for a break."""
    other_scheme = {"cn-2025": "cn-2012", "cn-2012": "cn-2025"}.get(by)
    if other_scheme is None:
        return []
    names, across = unit_names(by), unit_names(other_scheme)
    carried = equivalent_classes(by, other_scheme)
    return [
        (class_name, across.get(carried.get(class_code) or "", ""))
        for class_code, class_name in names.items()
    ]


def _units(period_report: PeriodReport) -> list[tuple[str, tuple[float, float, float]]]:
    """The rate in the unit of each regulator."""
    if period_report.whole is None or period_report.whole.published.rate is None:
        return []
    unit_labels = unit_words()
    return [(unit_labels[unit], period_report.whole.in_unit(unit)) for unit in UNITS_OF_RATES]


def _in_words(overruled: list[OverruleRate]) -> list[tuple[RuleWords, OverruleRate, Share | None]]:
    """Rules in words, with the share of their verdicts of the period that people set aside."""
    return [
        (
            rule_words(overrule.rule),
            overrule,
            share(min(overrule.overruled, overrule.decided), overrule.decided),
        )
        for overrule in overruled
    ]


def _duties(
    request: HttpRequest, indicator_query: IndicatorQuery, today: date
) -> list[tuple[DutyCoverage, Share | None]]:
    """Duties of the audited months of the period, worst first, with the interval of their share."""
    months = month_names(indicator_query.start, indicator_query.end)
    duty_coverages = coverage_of_duties(
        months, on=today, brand=actor_of(request).brand, jurisdiction=settings.JURISDICTION
    )
    return [
        (duty_coverage, share(duty_coverage.total.in_time, duty_coverage.total.known))
        for duty_coverage in duty_coverages
    ]


@dataclass(frozen=True, slots=True)
class Parts:
    """One rule or duty, named, by the units of a dimension, also named."""

    key: str
    words: str
    dimension: str
    rows: list[tuple[str, ShareFigure]]


def _overruled_by(
    request: HttpRequest, indicator_query: IndicatorQuery, counted: CountedParts
) -> Parts | None:
    """The rule that was chosen, or the one most set aside, by the units of the dimension."""
    titles = {overrule.rule: rule_words(overrule.rule).title for overrule in counted.overruled}
    return _parts(request.GET.get("rule", ""), titles, indicator_query.by, counted.overruled_parts)


def _duty_by(
    request: HttpRequest,
    indicator_query: IndicatorQuery,
    duty_shares: list[tuple[DutyCoverage, Share | None]],
) -> Parts | None:
    """The duty that was chosen, or the worst, by the units of the dimension; by area where duties
    have no such units, or had none when they were audited."""
    titles = {
        duty_coverage.duty: duty_coverage.title_zh if reads_chinese() else duty_coverage.title_en
        for duty_coverage, _share in duty_shares
    }
    by = indicator_query.by if indicator_query.by in OF_DUTIES else OF_DUTIES[0]
    parts_by = partial(
        duty_parts,
        start=indicator_query.start,
        end=indicator_query.end,
        brand=actor_of(request).brand,
    )
    figures_by_duty = parts_by(by)
    if not figures_by_duty:
        by = OF_DUTIES[0]
        figures_by_duty = parts_by(by)
    return _parts(request.GET.get("duty", ""), titles, by, figures_by_duty)


def _parts(
    chosen_key: str, titles: dict[str, str], by: str, figures_by_key: dict[str, list[ShareFigure]]
) -> Parts | None:
    available_keys = [key for key in titles if key in figures_by_key]
    if not available_keys:
        return None
    key, names = chosen_key if chosen_key in available_keys else available_keys[0], unit_names(by)
    rows = [
        (names.get(share_figure.unit, share_figure.unit) or _("not known"), share_figure)
        for share_figure in figures_by_key[key]
    ]
    return Parts(key=key, words=titles[key], dimension=str(dimension_word(by)), rows=rows)


def rule_of(period_report: PeriodReport, definitions_by_id: dict[str, Definition]) -> Definition:
    """What the rates of a report's units count: services have a definition of their own."""
    wanted = "operator-services" if OWN.get(period_report.by) == "services" else "operator"
    return definitions_by_id.get(wanted, definitions_by_id["operator"])


def defined(rule: Definition) -> str:
    """What is counted, and of which users, in the reader's language."""
    if reads_chinese():
        return f"{rule.counts_zh}；{rule.users_zh}"
    return f"{rule.counts_en}; {rule.users_en}"


def _funnel_title(by: str) -> str:
    fields = {"dimension": dimension_word(by)}
    if OWN.get(by) == "services":
        return _("Per million services, by %(dimension)s") % fields
    return _("Per million users, by %(dimension)s") % fields


def _named(indicator: ShareIndicator) -> str:
    return indicator.zh if reads_chinese() else indicator.en


def _counted(indicator: ShareIndicator) -> str:
    return indicator.counts_zh if reads_chinese() else indicator.counts_en


def reads_chinese() -> bool:
    return is_chinese(get_language() or "")
