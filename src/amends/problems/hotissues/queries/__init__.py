"""What pages, commands and the apps above ask about hot issues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.problems.hotissues import refusals
from amends.problems.hotissues.models import CubeMark, Doubt, HotIssue, Membership


@dataclass(frozen=True, slots=True)
class Member:
    """A complaint in an issue; `left_at` is None while it belongs to it."""

    complaint: str
    person: str
    joined_at: datetime
    joined_by: str
    join_reason: str
    left_at: datetime | None
    left_by: str
    leave_reason: str


def issue(ref: str, *, brand: str = "") -> HotIssue | None:
    """One issue by id or number; None if there is none, or it is of another brand."""
    rows = (
        HotIssue.objects.filter(number=int(ref))
        if ref.isdecimal() and len(ref) < 9
        else (HotIssue.objects.filter(id=ref))
    )
    return (rows.filter(brand__in=("", brand)) if brand else rows).first()


def issues(*, state: str = "", brand: str = "", drills: bool = False) -> list[HotIssue]:
    """The issues that stand by themselves, the latest alarm first, then the greatest excess."""
    rows = HotIssue.objects.filter(merged_into__isnull=True)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    rows = rows if drills else rows.filter(drill=False)
    return sorted(rows, key=lambda row: (row.last_alarm_at, row.excess), reverse=True)


def places(hot_issue: HotIssue) -> list[str]:
    """The places an issue consists of, its main one first."""
    return list(hot_issue.cells.order_by("-main", "id").values_list("place", flat=True))


def members(ref: str, *, left_too: bool = False) -> list[Member]:
    """The complaints of an issue, in the order they joined."""
    rows = Membership.objects.filter(issue=ref).order_by("joined_at", "id")
    rows = rows if left_too else rows.filter(left_at__isnull=True)
    return [
        Member(
            complaint=row.complaint,
            person=row.person,
            joined_at=row.joined_at,
            joined_by=row.joined_by,
            join_reason=row.joined_because,
            left_at=row.left_at,
            left_by=row.left_by,
            leave_reason=row.left_because,
        )
        for row in rows
    ]


def every_issue_of(complaints: Iterable[str]) -> dict[str, list[str]]:
    """Complaint → the issues it belongs to or has belonged to; one in none is absent."""
    wanted = list(dict.fromkeys(complaints))
    issues_by_complaint: dict[str, list[str]] = {}
    for part in slices(wanted):
        rows = Membership.objects.filter(complaint__in=part)
        for complaint, ref in rows.order_by("id").values_list("complaint", "issue_id"):
            issues_by_complaint.setdefault(complaint, []).append(ref)
    return issues_by_complaint


def doubts(*, brand: str = "") -> list[Doubt]:
    """Why the counts of the last weeks call for a second look, the newest first."""
    rows = Doubt.objects.filter(brand__in=("", brand)) if brand else Doubt.objects.all()
    return list(rows.order_by("-day", "kind", "place"))


def newest_scan() -> date | None:
    """The newest day that was scanned."""
    mark = CubeMark.objects.filter(stream="scan:").first()
    return date.fromisoformat(mark.seen) if mark else None


SHARES_OF_FALSE = {"days": 0.55, "hours": 0.15, "beside": 0.05}
"""Of the false issues the operator accepts, what days, hours, and posts with enquiries may spend;
words and causes have the rest."""


def keep_false(grain: str, brand: str, expected: float) -> None:
    """Keep what the newest scan expects of false issues in a week, as it was calibrated."""
    CubeMark.objects.update_or_create(
        stream=f"f{grain}:{brand}"[:16], defaults={"seen": f"{expected:.4f}"}
    )


def false_expected(*, brand: str = "") -> float:
    """False issues to be expected in a week: as calibrated where a scan has said so, the accepted
    share elsewhere."""
    accepted: float = settings.FALSE_ISSUES_A_WEEK
    names = _false_alarm_keys(brand)
    seen_by_stream = dict(CubeMark.objects.filter(stream__in=names).values_list("stream", "seen"))
    remaining = accepted * (1.0 - sum(SHARES_OF_FALSE.values()))
    return remaining + sum(
        float(seen_by_stream[name]) if seen_by_stream.get(name) else accepted * share
        for name, share in names.items()
    )


def is_calibrated(*, brand: str = "") -> bool:
    """Whether a scan has said what it expects; before, the expectation is what is accepted."""
    return CubeMark.objects.filter(stream__in=_false_alarm_keys(brand)).exists()


def _false_alarm_keys(brand: str) -> dict[str, float]:
    """Under which name each grain's expectation is kept, with its share of what is accepted."""
    return {f"f{grain}:{brand}"[:16]: share for grain, share in SHARES_OF_FALSE.items()}


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """An issue that was found, with its complaints and its candidate causes, the best first."""

    number: int
    detected_at: datetime
    complaints: list[str]
    causes: list[tuple[str, str]]


def found_issues() -> list[FoundIssue]:
    """Every issue the scans opened that stands by itself, in order of detection."""
    rows = HotIssue.objects.filter(merged_into__isnull=True, drill=False, opened_by="scan")
    return [
        FoundIssue(
            number=row.number,
            detected_at=row.detected_at,
            complaints=[member.complaint for member in members(row.id)],
            causes=list(row.causes.order_by("rank", "id").values_list("kind", "reference")),
        )
        for row in rows.order_by("detected_at", "id")
    ]


def found_issue(ref: str, actor: Actor) -> HotIssue:
    """The issue of an address, if it is one of the reader's brand."""
    hot_issue = issue(ref, brand=actor.brand)
    if hot_issue is None:
        raise refusals.unknown_issue()
    return hot_issue
