"""The issues of this installation as programs read them: a list with what needs a decision, and
one issue in detail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from amends.platform.registry import about_issue
from amends.problems.hotissues.queries import doubts, false_expected, is_calibrated, issues
from amends.problems.hotissues.queries.issue_numbers import issue_numbered
from amends.problems.hotissues.queries.issue_summary import (
    carriers_of_issue,
    hit,
    inflow,
    issue_summary,
)
from amends.problems.hotissues.queries.late_complaints import asked, asked_quietly
from amends.problems.hotissues.queries.other_sources import other_source_alarms
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.cause_words import cause_sentence
from amends.problems.hotissues.texts.data_quality_words import doubt_words
from amends.problems.hotissues.texts.names import name_of, place_words


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue in a list.

    reaches   level the plan gives it now; empty where it is closed, a drill, or below every level
    persons   people who complained, where `expected` were to be expected
    words     its distinguishing words
    places    its segments, such as `code=network.speed|area=area-4101`, the main one first
    """

    number: int
    name: str
    state: str
    level: str
    reaches: str
    since: date
    started_at: datetime
    detected_at: datetime
    persons: int
    expected: float
    words: list[str]
    places: list[str]


@dataclass(frozen=True, slots=True)
class LateComplaints:
    """Complaints that fit a closed issue and wait for a decision; `quiet`: no alarm is set."""

    number: int
    name: str
    persons: int
    complaints: int
    since: datetime
    quiet: bool


@dataclass(frozen=True, slots=True)
class OtherSourceAlarm:
    """An alarm in counts other than complaints, such as posts; `voices` where `expected` were."""

    series: str
    place: str
    name: str
    since: date
    day: date
    voices: int
    expected: float


@dataclass(frozen=True, slots=True)
class IssueList:
    """The issues, the latest alarm first.

    false_a_week     issues without a cause to be expected in a week; `calibrated` says whether a
                     scan has measured it
    accepted_a_week  how many of them are accepted
    asked            complaints that wait for a decision
    beside           alarms in other counts
    doubts           why counts call for a second look: kind, place, day, figures, `says`
    """

    false_a_week: float
    accepted_a_week: float
    calibrated: bool
    issues: list[IssueRow]
    asked: list[LateComplaints]
    beside: list[OtherSourceAlarm]
    doubts: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SharedProperty:
    """What the complaints of an issue have in common more often than others; shares 0 to 1."""

    dimension: str
    value: str
    share: float
    share_of_others: float


@dataclass(frozen=True, slots=True)
class CarryingPart:
    """A part of a segment that carries most of the rise; `share` of its persons, 0 to 1."""

    values: dict[str, str]
    persons: int
    expected: float
    share: float


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """Masked words of a complaint."""

    complaint: str
    words: str


@dataclass(frozen=True, slots=True)
class PossibleCause:
    """A possible cause; `fit` from 0 to 1, `says` a sentence about it."""

    kind: str
    reference: str
    fit: float
    says: str
    facts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDetails(IssueRow):
    """One issue: what its complaints share, whom it affects, what may have caused it.

    share_of_inflow  share of all complaints (0 to 1), where `expected_share` was to be expected;
                     None where it is not known
    hit, silent      users affected, and those of them who did not complain; None where not known
    """

    share_of_inflow: float | None
    expected_share: float | None
    hit: int | None
    silent: int | None
    shared: list[SharedProperty]
    carried_by: list[CarryingPart]
    suspected_one_sender: int
    quoted: list[QuotedWords]
    causes: list[PossibleCause]


def issue_list(*, closed: bool, now: datetime) -> IssueList:
    """The open issues, with `closed` all, and what needs a decision."""
    return IssueList(
        false_a_week=round(false_expected(), 3),
        accepted_a_week=settings.FALSE_ISSUES_A_WEEK,
        calibrated=is_calibrated(),
        issues=[
            IssueRow(**_row(hot_issue, now)) for hot_issue in issues(state="" if closed else "open")
        ],
        asked=[
            LateComplaints(
                number=late.issue.number,
                name=name_of(late.issue),
                persons=late.persons,
                complaints=len(late.complaints),
                since=late.first_at,
                quiet=late.quiet,
            )
            for late in [*asked(now=now), *asked_quietly(now=now)]
        ],
        beside=[
            OtherSourceAlarm(
                series=alarm.kind,
                place=alarm.place,
                name=place_words(alarm.place),
                since=alarm.since,
                day=alarm.day,
                voices=alarm.persons,
                expected=round(alarm.expected, 1),
            )
            for alarm in other_source_alarms(now=now)
        ],
        doubts=[
            {
                "kind": doubt.kind,
                "place": doubt.place,
                "day": doubt.day,
                **doubt.numbers,
                "says": doubt_words(doubt),
            }
            for doubt in doubts()
        ],
    )


def issue_details(number: int, *, now: datetime) -> IssueDetails:
    """One issue in detail; UnableToShowIssue where there is none."""
    hot_issue = issue_numbered(number)
    why, people_hit, share = issue_summary(hot_issue), hit(hot_issue, now=now), inflow(hot_issue)
    row = _row(hot_issue, now)
    row["words"] = row["words"] or [word for word, _weight in why.words]
    return IssueDetails(
        **row,
        share_of_inflow=round(share.share, 4) if share else None,
        expected_share=round(share.expected, 4) if share else None,
        hit=people_hit.hit,
        silent=people_hit.silent,
        shared=[
            SharedProperty(
                dimension=shared_part.dimension,
                value=shared_part.value,
                share=round(shared_part.share, 3),
                share_of_others=round(shared_part.share_of_others, 3),
            )
            for shared_part in why.shared
        ],
        carried_by=[
            CarryingPart(
                values=dict(carrier.values),
                persons=carrier.persons,
                expected=carrier.expected,
                share=round(carrier.share, 3),
            )
            for carrier in carriers_of_issue(hot_issue)
        ],
        suspected_one_sender=why.suspected,
        quoted=[QuotedWords(code, text) for _ref, code, text in why.quoted],
        causes=[
            PossibleCause(
                kind=cause.kind,
                reference=cause.reference,
                fit=round(cause.fit, 3),
                says=cause_sentence(cause),
                facts=list(cause.facts),
            )
            for cause in hot_issue.causes.order_by("rank", "id")
        ],
    )


def _row(hot_issue: HotIssue, now: datetime) -> dict[str, Any]:
    return {
        "number": hot_issue.number,
        "name": name_of(hot_issue),
        "state": hot_issue.state,
        "level": hot_issue.level,
        "reaches": _reaches(hot_issue, now),
        "since": timezone.localdate(hot_issue.started_at),
        "started_at": hot_issue.started_at,
        "detected_at": hot_issue.detected_at,
        "persons": hot_issue.persons,
        "expected": round(hot_issue.expected, 1),
        "words": list(hot_issue.words),
        "places": [cell.place for cell in hot_issue.cells.order_by("-main", "id")],
    }


def _reaches(hot_issue: HotIssue, now: datetime) -> str:
    if hot_issue.state != "open" or hot_issue.drill:
        return ""
    return next(iter(about_issue("reaches", hot_issue, now=now)), "")
