"""The hot issues: a table, the newest excess first; the same as cards; where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.platform import registry
from amends.platform.kit.charts.curve import Curve, CurveMark
from amends.platform.kit.formats import format_date, is_chinese
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries import (
    SHARES_OF_FALSE,
    doubts,
    false_expected,
    is_calibrated,
    issues,
    newest_scan,
)
from amends.problems.hotissues.queries.areas import where
from amends.problems.hotissues.queries.causes import causes_of
from amends.problems.hotissues.queries.cube import LEAST_DAYS, known_days
from amends.problems.hotissues.queries.issue_summary import DECLARED, PersonsHit, curve, hit
from amends.problems.hotissues.queries.late_complaints import asked, asked_quietly
from amends.problems.hotissues.queries.other_sources import other_source_alarms
from amends.problems.hotissues.texts.cause_words import KINDS, Words
from amends.problems.hotissues.texts.data_quality_words import doubt_words
from amends.problems.hotissues.texts.issue_rows import issue_rows
from amends.problems.hotissues.texts.names import cause_name, name_of, place_words

BESIDE: dict[str, Words] = {
    "post": gettext_lazy("posts"),
    "enquiry": gettext_lazy("enquiries"),
    "report": gettext_lazy("reports of spam and fraud"),
}
CLOSED_SHOWN = timedelta(days=28)
REFRESH_S = 45
"""So often a board that is looked at is made anew; a scan takes place every five minutes."""


@dataclass(frozen=True, slots=True)
class IssueCard:
    """One issue as the board and its page show it."""

    issue: HotIssue
    name: str
    marks: SafeString
    owner: str
    chart: Curve | None
    hit: PersonsHit
    hit_by: Words
    causes: list[tuple[str, str]]
    words: list[str]
    files: str


@require_safe
@requires("hotissues.read")
def hotissues(request: HttpRequest) -> HttpResponse:
    """The open issues as a table, or as cards with their curves."""
    actor, now = actor_of(request), timezone.now()
    opened = issues(state="open", brand=actor.brand)
    as_cards = request.GET.get("view") == "cards"
    return render(
        request,
        "hotissues/board.html",
        {
            "as_cards": as_cards,
            "cards": [card(hot_issue, now) for hot_issue in opened] if as_cards else [],
            "rows": [] if as_cards else issue_rows(opened, now=now),
            "asked": [(late, name_of(late.issue)) for late in asked(brand=actor.brand, now=now)],
            "doubts": [doubt_words(doubt) for doubt in doubts(brand=actor.brand)],
            "may_lead": may(actor.roles, "hotissues.lead"),
            "false": false_expected(brand=actor.brand),
            "calibrated": is_calibrated(brand=actor.brand),
            "accepted": settings.FALSE_ISSUES_A_WEEK,
            "now": now,
            "refresh_s": REFRESH_S,
            "known_days": known_days(),
            "least_days": LEAST_DAYS,
            "scanned": newest_scan(),
        },
    )


@require_safe
@requires("hotissues.read")
def surroundings(request: HttpRequest) -> HttpResponse:
    """Where the open issues are, what runs hot in other sources, and what was closed lately.

    A part of the page of its own: the map reads the complaints of weeks.
    """
    actor, now = actor_of(request), timezone.now()
    closed = [
        issue
        for issue in issues(state="closed", brand=actor.brand)
        if issue.closed_at and issue.closed_at > now - CLOSED_SHOWN
    ]
    quiet = {
        late.issue.id: len(late.complaints) for late in asked_quietly(brand=actor.brand, now=now)
    }
    opened = issues(state="open", brand=actor.brand)
    name = "surroundings_parts" if request.headers.get("HX-Request") else "surroundings"
    return render(
        request,
        f"hotissues/{name}.html",
        {
            "closed": [
                (hot_issue, name_of(hot_issue), quiet.get(hot_issue.id, 0)) for hot_issue in closed
            ],
            "false_beside": settings.FALSE_ISSUES_A_WEEK * SHARES_OF_FALSE["beside"],
            "tiles": where(opened, chinese=is_chinese(get_language() or "")),
            "beside": [
                (BESIDE[alarm.kind], place_words(alarm.place), alarm)
                for alarm in other_source_alarms(now=now, brand=actor.brand)
            ],
        },
    )


def card(issue: HotIssue, now: Any, *, with_chart: bool = True) -> IssueCard:
    """What is shown of an issue at a glance."""
    causes = [cause for cause in causes_of(issue) if cause.judged != "ruled_out"][:3]
    seen = hit(issue, now=now)
    return IssueCard(
        issue=issue,
        name=name_of(issue),
        marks=drawn("marks", issue, now=now),
        owner=people([issue.owner]).get(issue.owner, "") if issue.owner else "",
        chart=chart_of(issue, causes) if with_chart else None,
        hit=seen,
        hit_by=_hit_by(seen),
        causes=[
            (
                str(KINDS.get(cause.kind, cause.kind)),
                cause_name(cause.kind, cause.reference, cause.numbers),
            )
            for cause in causes
        ],
        words=[str(word) for word in issue.words][:6],
        files=reverse("hotissue_curve", args=[issue.id, "x"]).removesuffix(".x"),
    )


def drawn(part: str, issue: HotIssue, **named: Any) -> SafeString:
    """What other apps draw on a part of an issue's card or page."""
    return mark_safe("".join(registry.about_issue(part, issue, **named)))  # noqa: S308 (SafeStrings)


def _hit_by(seen: PersonsHit) -> Words:
    """What says whom an issue hits."""
    if not seen.by:
        return _("nothing on record says who")
    if seen.by == DECLARED:
        return _("as the emergency was declared")
    if seen.by == "place":
        return _("by its product and area")
    return _("by its likeliest cause: %(kind)s") % {"kind": KINDS.get(seen.by, seen.by)}


def chart_of(issue: HotIssue, causes: list[Cause]) -> Curve:
    """The curve of an issue: observed, what chance allows, alarms, and when causes began."""
    language = get_language() or "en"
    days = curve(issue)
    index_by_day = {curve_day.day: at for at, curve_day in enumerate(days)}
    marks = []
    for cause in causes[:2]:
        day = cause.from_at.astimezone(timezone.get_current_timezone()).date()
        if day in index_by_day and cause.fit >= 0.3:
            marks.append(CurveMark(index_by_day[day], str(KINDS.get(cause.kind, cause.kind))))
    return Curve(
        title=_("People per day"),
        labels=[format_date(curve_day.day, language) for curve_day in days],
        values=[curve_day.persons for curve_day in days],
        low=[curve_day.low for curve_day in days],
        high=[curve_day.high for curve_day in days],
        alarms={
            at: ngettext(
                "alarm: %(n)s person in four days",
                "alarm: %(n)s persons in four days",
                curve_day.alarm,
            )
            % {"n": curve_day.alarm}
            for at, curve_day in enumerate(days)
            if curve_day.alarm
        },
        marks=marks,
        names={
            "period": _("Day"),
            "observed": _("persons"),
            "expected": _("expected"),
            "what happened": _("What happened"),
        },
        note=_("Band: what chance allows on 95 of 100 days, as before it began"),
        summary=ngettext(
            "%(persons)s person complained; %(expected)s expected.",
            "%(persons)s people complained; %(expected)s expected.",
            issue.persons,
        )
        % {"persons": issue.persons, "expected": round(issue.expected, 1)},
        definition=_(
            "Distinct people who complained in this class, area, product or channel on a day, "
            "each counted once. Enquiries, repeated contacts and imported history do not count."
        ),
        name=f"hot-issue-{issue.number}",
    )
