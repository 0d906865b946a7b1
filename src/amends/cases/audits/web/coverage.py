"""Coverage of duties: the worst first, its trend, and the way to the people still owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.queries import DutyCoverage, coverage_of_duties, last_audit
from amends.cases.audits.rules.coverage import DutyTally
from amends.cases.audits.rules.recompute import not_audited
from amends.cases.audits.web.periods import months_of
from amends.causes.notices.texts.duties import in_language, not_counted_of, title_in_language
from amends.engines.duties.book import book
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.charts import Curve
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import pack
from amends.platform.tabular.responses import csv_response

GOOD, FAIR = 0.99, 0.95
_WIDTH, _HEIGHT = 104, 24
COLUMNS = (
    "duty",
    "month",
    "due",
    "in_time",
    "late",
    "failed",
    "missing",
    "unknown",
    "covered_share",
)


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One duty as the page shows it."""

    one: DutyCoverage
    title: str
    words: str
    tone: str
    judged: str
    spark: str
    spark_words: str


@requires("notices.coverage")
@refusals_as_pages
def coverage(request: HttpRequest) -> HttpResponse:
    """Every duty with something due in the months, the worst first."""
    now, actor = timezone.now(), actor_of(request)
    today = timezone.localdate()
    months = months_of(request, today)
    jurisdiction = settings.JURISDICTION
    duties = coverage_of_duties(
        months.names, on=today, brand=actor.brand, jurisdiction=jurisdiction
    )
    lines = [line_of(duty) for duty in duties]
    unknown = not_audited(book(jurisdiction, today))
    context = {
        "now": now,
        "months": months,
        "choices": [(name, month_words(name)) for name in months.known],
        "lines": lines,
        "total": _total(duties),
        "chart": chart_of(duties, months.names) if lines else None,
        "ran": last_audit(),
        "not_audited": [
            (title_in_language(unknown_duty), in_language(unknown_duty)) for unknown_duty in unknown
        ],
        "not_counted": [
            (
                title_in_language(uncounted.duty),
                uncounted.words(chinese=is_chinese(get_language() or "")),
            )
            for uncounted in not_counted_of(book(jurisdiction, today))
        ],
        "untold": sum(duty.untold_minor for duty in duties),
        "currency": next(
            (duty.currency for duty in duties if duty.currency), pack(jurisdiction, today).currency
        ),
        "may_audit": may(actor.roles, "notices.audit"),
        "may_give_back": may(actor.roles, "notices.remedy"),
        "may_open": may(actor.roles, "notices.owed"),
    }
    return render(request, "audits/coverage.html", context)


@requires("notices.coverage")
@refusals_as_pages
def coverage_csv(request: HttpRequest) -> HttpResponse:
    """The same by duty and month, as CSV."""
    months = months_of(request, timezone.localdate())
    brand = actor_of(request).brand
    duties = coverage_of_duties(
        months.names, on=timezone.localdate(), brand=brand, jurisdiction=settings.JURISDICTION
    )
    rows = [
        [
            month.duty,
            month.period[:7],
            month.due,
            month.in_time,
            month.late,
            month.failed,
            month.missing,
            month.unknown,
            "" if month.covered_share is None else f"{month.covered_share:.6f}",
        ]
        for duty in duties
        for month in duty.months
    ]
    return csv_response("coverage.csv", COLUMNS, rows)


@require_POST
@requires("notices.audit")
@refusals_as_pages
def audit_again(request: HttpRequest) -> HttpResponse:
    """Audit the last two months now."""
    now, today = timezone.now(), timezone.localdate()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    report = audit(
        start=first,
        end=today + timedelta(days=1),
        actor=actor_of(request),
        now=now,
        jurisdiction=settings.JURISDICTION,
    )
    message = ngettext(
        "%(owed)s notice was due in the last two months; %(stated)s were not on record.",
        "%(owed)s notices were due in the last two months; %(stated)s were not on record.",
        report.owed,
    )
    messages.success(request, message % {"owed": report.owed, "stated": report.stated})
    return redirect("coverage")


def line_of(duty_coverage: DutyCoverage) -> CoverageRow:
    """A duty with its words, its tone and its trend."""
    tone, judged = judged_share(duty_coverage.total)
    points = spark_points(duty_coverage.months)
    trend = ", ".join(
        f"{month_words(month.period)} {_percent(month.covered_share)}"
        for month in duty_coverage.months
    )
    return CoverageRow(
        one=duty_coverage,
        title=title_in_language(duty_coverage),
        words=in_language(duty_coverage),
        tone=tone,
        judged=judged,
        spark=points,
        spark_words=trend,
    )


def judged_share(total: DutyTally) -> tuple[str, str]:
    """Tone and label of a share met in time."""
    share = total.covered_share
    if share is None:
        return "uncovered", _("not known")
    if share >= GOOD:
        return "ok", pgettext("duty", "met")
    return ("warn", _("often missed")) if share >= FAIR else ("bad", _("not met"))


def spark_points(months: tuple[DutyTally, ...]) -> str:
    """The months' shares as points of a line, the whole height being 0 to 100%."""
    shares = [month.covered_share for month in months]
    step = _WIDTH / max(len(shares) - 1, 1)
    return " ".join(
        f"{number * step:.1f},{_HEIGHT - 2 - share * (_HEIGHT - 4):.1f}"
        for number, share in enumerate(shares)
        if share is not None
    )


def chart_of(duties: list[DutyCoverage], names: list[str]) -> Curve:
    """All duties together: of the notices whose outcome is known, the share that arrived in
    time."""
    sums: dict[str, DutyTally] = {}
    for duty in duties:
        for month in duty.months:
            sums[month.period] = sums[month.period] + month if month.period in sums else month
    months = [sums.get(name, DutyTally("", name)) for name in names]
    shares = [month.covered_share for month in months]
    return Curve(
        title=_("Notices in time, all duties, by month"),
        labels=[month_words(name) for name in names],
        values=[None if share is None else round(share * 100, 1) for share in shares],
        names={"period": _("Month"), "observed": _("in time, %%") % {}},
        behind={
            _("Were due"): [month.due for month in months],
            _("In time"): [month.in_time for month in months],
        },
        note=_("Share of those whose outcome is known: %(share)s")
        % {"share": _percent(_total(duties).covered_share)},
        summary=_("Share of notices in time by month; the table below has the figures."),
        name=f"notices-in-time-{names[0][:7]}-{names[-1][:7]}",
        digits=1,
        top=100,
    )


def _total(duties: list[DutyCoverage]) -> DutyTally:
    total = DutyTally("", "")
    for duty in duties:
        total = total + duty.total
    return total


def month_words(name: str) -> str:
    """A month as its reader writes it: Nov 2026, 2026年11月."""
    day = date.fromisoformat(name)
    if is_chinese(get_language() or ""):
        return f"{day.year}年{day.month}月"
    return f"{day:%b %Y}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
