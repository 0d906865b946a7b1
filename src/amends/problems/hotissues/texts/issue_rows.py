"""The table of open issues: one row for each issue, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from amends.cases.complaints.texts.units import unit_names
from amends.people.access.queries.colleagues import people
from amends.platform import registry
from amends.problems.hotissues.models import Cause, Cell, HotIssue, IssueOverview
from amends.problems.hotissues.queries.issue_summary import DECLARED
from amends.problems.hotissues.queries.overview import IssueResponse, overview_of
from amends.problems.hotissues.texts.cause_words import KINDS, Words
from amends.problems.hotissues.texts.names import Names, cause_name, place_parts


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One row of the table of issues.

    subject      what people complain of; place: areas, "" where it is no area's own
    affected     people affected, None where nothing on record says who; `affected_by` says by what
    cause        the likeliest cause, with its kind; "" where nothing on record fits
    """

    issue: HotIssue
    subject: str
    place: str
    days: list[int]
    affected: int | None
    affected_by: str
    cause: str
    cause_kind: Words
    owner: str
    response: IssueResponse


def issue_rows(hot_issues: Sequence[HotIssue], *, now: datetime) -> list[IssueRow]:
    """The rows of these issues, in their order. An issue that no job has looked at yet is
    computed here."""
    stored_overviews = {
        row.issue_id: row for row in IssueOverview.objects.filter(issue__in=hot_issues)
    }
    overviews = {
        issue.id: stored_overviews.get(issue.id) or overview_of(issue, now=now)
        for issue in hot_issues
    }
    cells = Cell.objects.filter(issue__in=hot_issues, main=True).order_by("-id")
    main_keys = dict(cells.values_list("issue_id", "place"))
    responses = _responses(hot_issues, overviews, now)
    names = people({issue.owner for issue in hot_issues} - {""})
    causes = _likeliest(hot_issues)
    names_of = cache(unit_names)
    return [
        _row(
            issue,
            overviews[issue.id],
            main_keys.get(issue.id, ""),
            causes.get(issue.id),
            responses.get(issue.id, IssueResponse()),
            names.get(issue.owner, ""),
            names_of,
        )
        for issue in hot_issues
    ]


def _responses(
    hot_issues: Sequence[HotIssue], overviews: Mapping[str, IssueOverview], now: datetime
) -> dict[str, IssueResponse]:
    reaches = {ref: overview.reaches for ref, overview in overviews.items()}
    responses: dict[str, IssueResponse] = {}
    for stated in registry.about_issue("responses", hot_issues, reaches=reaches, now=now):
        responses |= stated
    return responses


def _likeliest(hot_issues: Sequence[HotIssue]) -> dict[str, Cause]:
    """Issue → the confirmed cause, or else the best that is not ruled out."""
    causes: dict[str, Cause] = {}
    rows = Cause.objects.filter(issue__in=hot_issues).exclude(judged="ruled_out")
    for cause in rows.order_by("rank", "id"):
        best = causes.get(cause.issue_id)
        if best is None or (cause.judged == "confirmed" and best.judged != "confirmed"):
            causes[cause.issue_id] = cause
    return causes


def _row(
    issue: HotIssue,
    overview: IssueOverview,
    cell_key: str,
    cause: Cause | None,
    response: IssueResponse,
    owner: str,
    names_of: Names,
) -> IssueRow:
    subject, area = place_parts(cell_key, names_of=names_of)
    affected, by = overview.affected, overview.affected_by
    if response.silent is not None:
        affected, by = issue.persons + response.silent, DECLARED
    return IssueRow(
        issue=issue,
        subject=issue.title or subject,
        place=area,
        days=overview.days,
        affected=affected,
        affected_by=by,
        cause=cause_name(cause.kind, cause.reference, cause.numbers, names_of=names_of)
        if cause
        else "",
        cause_kind=_kind_words(cause),
        owner=owner,
        response=response,
    )


def _kind_words(cause: Any) -> Words:
    return KINDS.get(cause.kind, cause.kind) if cause else ""
