"""Indicators: the complaint rate with its interval and its definition, and what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.cases.audits.queries import DutyCoverage, coverage_of_duties, month_names
from amends.cases.complaints.queries import equivalent_classes
from amends.cases.complaints.queries.corrections import (
    OverruleRate,
    RuleWords,
    overrules,
    rule_words,
)
from amends.cases.complaints.queries.units import dimension_word, unit_names
from amends.channels.queries.capabilities import electronic
from amends.engines.stats.rates import UNITS as UNITS_OF_RATES
from amends.engines.stats.rates import Share, mean, share
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.allocator import give_back
from amends.platform.kit.dates import parse_day
from amends.platform.kit.formats import is_chinese
from amends.problems.indicators.models import PublishedFigure
from amends.problems.indicators.queries.columns import at
from amends.problems.indicators.queries.figures import (
    DIMENSIONS,
    OWN,
    PeriodReport,
    UnableToMeasureFigures,
    report,
    unit_words,
)
from amends.problems.indicators.queries.parts import (
    OF_DUTIES,
    Used,
    duty_parts,
    overruled_parts,
    used_by,
)
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
    def query(self) -> str:
        """The same as part of an address."""
        return f"from={self.start}&to={self.last}&by={self.by}"


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """What is counted over the complaints of a period: the report, contacts and orders by channel
    and by the dimension, verdicts people set aside by rule, and by rule and unit."""

    report: PeriodReport
    used: dict[str, list[Used]]
    overruled: list[OverruleRate]
    overruled_parts: dict[str, list[ShareFigure]]
    at: datetime


@require_safe
@requires("indicators.read")
@refusals_as_pages
def indicators(request: HttpRequest) -> HttpResponse:
    """The rate and the shares of a period, by the dimension the address names."""
    asked, today = asked_of(request), timezone.localdate()
    counted, names = _cached(request, asked), unit_names(asked.by)
    found, used = counted.report, counted.used
    overruled = _in_words(counted.overruled)
    rules, known = definitions(today), share_indicators(today)
    rule = rules["operator"]
    names_of = unit_names("channel")
    chosen = known.get(request.GET.get("show", ""), known["kept"])
    dimension = str(dimension_word(asked.by))
    context: dict[str, Any] = {
        "asked": asked,
        "may_see_coverage": may(actor_of(request).roles, "notices.coverage"),
        "found": found,
        "weeks": weeks_chart(found, defined(rule)),
        "funnel": funnel_chart(
            found, names, _funnel_title(asked.by), defined(rule_of(found, rules))
        ),
        "bars": shares_chart(found, chosen, names, f"{_named(chosen)} · {dimension}"),
        "users": round(found.users),
        "definition": rule,
        "chinese": reads_chinese(),
        "dimensions": [(one, dimension_word(one)) for one in DIMENSIONS],
        "dimension": dimension,
        "own": OWN.get(asked.by, ""),
        "rows": [(names.get(row.unit, row.unit) or _("not known"), row) for row in found.rows],
        "leagued": any(row.place for row in found.rows),
        "chosen": chosen.id,
        "shares": [
            (one.id, _named(one), _counted(one), one.of_measure(found.measure))
            for one in known.values()
        ],
        "days": mean(found.measure.days, found.measure.days2, found.measure.resolved),
        "solved": share(found.measure.resolved, found.measure.complaints),
        "units": _units(found),
        "carried": _comparable_classes(asked.by),
        "of_services": defined(rule_of(found, rules)) if OWN.get(asked.by) == "services" else "",
        "channels": [
            (names_of.get(one.unit, one.unit) or _("not known"), one.unit in electronic(), one)
            for one in used["channel"]
        ],
        "used": [
            (names.get(one.unit, one.unit) or _("not known"), one)
            for one in used.get(asked.by, [])
            if asked.by != "channel"
        ],
        "counted_at": counted.at,
        "overruled": overruled[:MOST_RULES],
        "more_rules": max(len(overruled) - MOST_RULES, 0),
        "duties": (duties := _duties(request, asked, today))[:MOST_RULES],
        "more_duties": max(len(duties) - MOST_RULES, 0),
        "overruled_by": _overruled_by(request, asked, counted),
        "duty_by": _duty_by(request, asked, duties),
        "bulletins": _bulletins(today),
        "published": published_chart(today),
        "counts": _counts(today),
        "only_shares": only_shares(today),
        "operators": operators(today),
        "imported": PublishedFigure.objects.order_by("quarter", "bulletin", "id")[:MOST_IMPORTED],
    }
    return render(request, "indicators/indicators.html", context)


def report_of(request: HttpRequest, asked: IndicatorQuery) -> PeriodReport:
    return report(
        start=asked.start,
        end=asked.end,
        by=asked.by,
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


def _cached(request: HttpRequest, asked: IndicatorQuery) -> CountedFigure:
    """What is counted, or was a moment ago.

    Every complaint of the period is read: where they are many, they are not read again for each
    reader, and the page says how old its figures are. Readers who come at once wait for one count:
    each count needs memory, and as many as there are threads would end no sooner. What it needed is
    given back: a process of pages would keep it between one minute's count and the next.
    """
    brand = actor_of(request).brand
    key = f"indicators:{asked.query}:{brand}"
    with _COUNTING:
        if kept := caches["process"].get(key):
            return cast(CountedFigure, kept)
        where: dict[str, Any] = {"start": asked.start, "end": asked.end, "brand": brand}
        moment = at(settings.TIME_ZONE)
        made = CountedFigure(
            report=report_of(request, asked),
            used={by: used_by(by, **where) for by in dict.fromkeys(("channel", asked.by))},
            overruled=overrules(since=moment(asked.start), until=moment(asked.end), brand=brand),
            overruled_parts=overruled_parts(asked.by, **where),
            at=timezone.now(),
        )
        if made.report.measure.complaints >= MANY:
            caches["process"].set(key, made, CACHE_S)
            give_back()
        return made


def _comparable_classes(by: str) -> list[tuple[str, str]]:
    """Class of a version of the regulator's classes → the one of the other version that holds the
    same complaints, "" for a break."""
    other = {"cn-2025": "cn-2012", "cn-2012": "cn-2025"}.get(by)
    if other is None:
        return []
    names, across = unit_names(by), unit_names(other)
    carried = equivalent_classes(by, other)
    return [(words, across.get(carried.get(one) or "", "")) for one, words in names.items()]


def _units(found: PeriodReport) -> list[tuple[str, tuple[float, float, float]]]:
    """The rate in the unit of each regulator."""
    if found.whole is None:
        return []
    words = unit_words()
    return [(words[unit], found.whole.in_unit(unit)) for unit in UNITS_OF_RATES]


def _in_words(overruled: list[OverruleRate]) -> list[tuple[RuleWords, OverruleRate, Share | None]]:
    """Rules in words, with the share of their verdicts of the period that people set aside."""
    return [
        (rule_words(one.rule), one, share(min(one.overruled, one.decided), one.decided))
        for one in overruled
    ]


def _duties(
    request: HttpRequest, asked: IndicatorQuery, today: date
) -> list[tuple[DutyCoverage, Share | None]]:
    """Duties of the audited months of the period, worst first, with the interval of their share."""
    months = month_names(asked.start, asked.end)
    found = coverage_of_duties(
        months, on=today, brand=actor_of(request).brand, jurisdiction=settings.JURISDICTION
    )
    return [(one, share(one.total.in_time, one.total.known)) for one in found]


@dataclass(frozen=True, slots=True)
class Parts:
    """One rule or duty, named, by the units of a dimension, also named."""

    key: str
    words: str
    dimension: str
    rows: list[tuple[str, ShareFigure]]


def _overruled_by(
    request: HttpRequest, asked: IndicatorQuery, counted: CountedFigure
) -> Parts | None:
    """The rule that was chosen, or the one most set aside, by the units of the dimension."""
    words = {one.rule: rule_words(one.rule).title for one in counted.overruled}
    return _parts(request.GET.get("rule", ""), words, asked.by, counted.overruled_parts)


def _duty_by(
    request: HttpRequest, asked: IndicatorQuery, known: list[tuple[DutyCoverage, Share | None]]
) -> Parts | None:
    """The duty that was chosen, or the worst, by the units of the dimension; by area where duties
    have no such units, or had none when they were audited."""
    words = {one.duty: one.title_zh if reads_chinese() else one.title_en for one, _share in known}
    by = asked.by if asked.by in OF_DUTIES else OF_DUTIES[0]
    parts_by = partial(duty_parts, start=asked.start, end=asked.end, brand=actor_of(request).brand)
    found = parts_by(by)
    if not found:
        by = OF_DUTIES[0]
        found = parts_by(by)
    return _parts(request.GET.get("duty", ""), words, by, found)


def _parts(
    asked: str, words: dict[str, str], by: str, found: dict[str, list[ShareFigure]]
) -> Parts | None:
    known = [key for key in words if key in found]
    if not known:
        return None
    key, names = asked if asked in known else known[0], unit_names(by)
    rows = [(names.get(one.unit, one.unit) or _("not known"), one) for one in found[key]]
    return Parts(key=key, words=words[key], dimension=str(dimension_word(by)), rows=rows)


def rule_of(found: PeriodReport, known: dict[str, Definition]) -> Definition:
    """What the rates of a report's units count: services have a definition of their own."""
    wanted = "operator-services" if OWN.get(found.by) == "services" else "operator"
    return known.get(wanted, known["operator"])


def defined(rule: Definition) -> str:
    """What is counted, and of which users, in the reader's language."""
    if reads_chinese():
        return f"{rule.counts_zh}；{rule.users_zh}"
    return f"{rule.counts_en}; {rule.users_en}"


def _funnel_title(by: str) -> str:
    words = {"dimension": dimension_word(by)}
    if OWN.get(by) == "services":
        return _("Per million services, by %(dimension)s") % words
    return _("Per million users, by %(dimension)s") % words


def _named(one: ShareIndicator) -> str:
    return one.zh if reads_chinese() else one.en


def _counted(one: ShareIndicator) -> str:
    return one.counts_zh if reads_chinese() else one.counts_en


def reads_chinese() -> bool:
    return is_chinese(get_language() or "")
