"""What pages, commands and the rooms above ask about hot issues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from amends.hotissues.models import HotIssue, Membership, Statement

_AT_ONCE = 900


@dataclass(frozen=True, slots=True)
class Member:
    """A complaint in an issue; `left_at` is None while it belongs to it."""

    complaint: str
    person: str
    joined_at: datetime
    joined_by: str
    joined_because: str
    left_at: datetime | None
    left_by: str
    left_because: str


def issue(ref: str, *, brand: str = "") -> HotIssue | None:
    """One issue by id or number; None if there is none, or it is of another brand."""
    rows = HotIssue.objects.filter(number=int(ref)) if ref.isdecimal() and len(ref) < 9 else (
        HotIssue.objects.filter(id=ref)
    )  # fmt: skip
    return (rows.filter(brand__in=("", brand)) if brand else rows).first()


def issues(*, state: str = "", brand: str = "", drills: bool = False) -> list[HotIssue]:
    """The issues that stand by themselves, the latest alarm first, then the greatest excess."""
    rows = HotIssue.objects.filter(merged_into__isnull=True)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    rows = rows if drills else rows.filter(drill=False)
    return sorted(rows, key=lambda one: (one.last_alarm_at, one.excess), reverse=True)


def members(ref: str, *, left_too: bool = False) -> list[Member]:
    """The complaints of an issue, in the order they joined."""
    rows = Membership.objects.filter(issue=ref).order_by("joined_at", "id")
    rows = rows if left_too else rows.filter(left_at__isnull=True)
    return [
        Member(
            row.complaint, row.person, row.joined_at, row.joined_by, row.joined_because,
            row.left_at, row.left_by, row.left_because,
        )
        for row in rows
    ]  # fmt: skip


def issues_of(complaints: Iterable[str]) -> dict[str, list[HotIssue]]:
    """Complaint → the issues it belongs to; one in none is absent."""
    wanted = list(dict.fromkeys(complaints))
    found: dict[str, list[HotIssue]] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        rows = Membership.objects.filter(
            complaint__in=wanted[first : first + _AT_ONCE], left_at__isnull=True
        ).select_related("issue")
        for row in rows:
            found.setdefault(row.complaint, []).append(row.issue)
    return found


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """What the public was told of one issue: its versions, the newest first."""

    issue: int
    versions: tuple[StatementVersion, ...]

    @property
    def newest(self) -> StatementVersion:
        """The version that counts, withdrawn or not."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class StatementVersion:
    """One version; `withdrawn_at` None while it stands."""

    version: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    published_at: datetime
    withdrawn_at: datetime | None


def public_statements(*, brand: str = "", limit: int = 50) -> list[PublicStatement]:
    """What the public was told, the latest first; never anything of a drill."""
    rows = Statement.objects.filter(issue__drill=False).select_related("issue")
    if brand:
        rows = rows.filter(issue__brand__in=("", brand))
    found: dict[int, list[StatementVersion]] = {}
    for row in rows.order_by("-published_at", "-version"):
        version = StatementVersion(
            row.version, row.title_zh, row.title_en, row.text_zh, row.text_en, row.published_at,
            row.withdrawn_at,
        )  # fmt: skip
        found.setdefault(row.issue.number, []).append(version)
    return [PublicStatement(number, tuple(versions)) for number, versions in found.items()][:limit]
