"""Complaints that fit an issue somebody has closed: which they are, and whether it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl
from django.utils import timezone

from amends.engines.detection.cube import values_of, within
from amends.platform.kit.batches import slices
from amends.problems.hotissues.models import Happening, HotIssue, Membership
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.membership import main_place
from amends.problems.hotissues.queries.reasons import BY_SCAN

ASKS = "asks"
ANSWERS = {"reopen": "late_reopened", "new": "late_new", "leave": "late_left"}
"""Answer → the verb of its happening."""
ASKED_FOR = timedelta(days=28)
"""So long after its end a place that runs hot again may be the same issue."""


@dataclass(frozen=True, slots=True)
class Late:
    """What came since the end of an issue, or since it was last answered about, and fits it.

    complaints  references; `persons` of them distinct; `first_at` the earliest
    quiet       no alarm was raised: asked about on its page and in the list alone
    usual       persons who complain there in this time as a rule; 0 where that is not known
    """

    issue: HotIssue
    place: str
    complaints: list[str]
    persons: int
    first_at: datetime
    quiet: bool = False
    usual: float = 0.0


def closed_by_people(*, brand: str, now: datetime) -> list[HotIssue]:
    """Issues of the last four weeks that did not close by themselves, the latest first."""
    rows = HotIssue.objects.filter(
        state="closed",
        brand=brand,
        drill=False,
        merged_into__isnull=True,
        closed_at__gt=now - ASKED_FOR,
    )
    return list(rows.exclude(closed_because=BY_SCAN).order_by("-closed_at", "-id"))


def fitting(
    issue: HotIssue,
    cell_key: str,
    *,
    now: datetime,
    sayers: Sequence[str] = (),
    rows: pl.DataFrame | None = None,
) -> Late | None:
    """What came in a place since the issue's end or the last answer and is in no issue; None
    where nothing did.

    said  complaints found to say the phrase, where the place is one of words
    rows  what came, where it was read before
    """
    since = issue.closed_at or now
    last_answer = (
        issue.happenings.filter(verb__in=ANSWERS.values(), at__gt=since).order_by("-at").first()
    )
    since = last_answer.at if last_answer else since
    if rows is None:
        rows = rows_between(timezone.localdate(since), timezone.localdate(now), brand=issue.brand)
    rows = rows.filter((pl.col("received_at") > since) & (pl.col("received_at") <= now))
    worded = "words" in values_of(cell_key)
    own = rows.filter(pl.col("id").is_in(list(sayers))) if worded else within(rows, cell_key)
    own = own.sort("received_at")
    taken_refs = _taken(own["id"].to_list())
    own = own.filter(~pl.col("id").is_in(list(taken_refs)))
    first = own["received_at"].min()
    if not isinstance(first, datetime):
        return None
    days = (now - since) / timedelta(days=1)
    return Late(
        issue=issue,
        place=cell_key,
        complaints=own["id"].to_list(),
        persons=own["who"].n_unique(),
        first_at=first,
        usual=float(issue.usual.get(cell_key, 0.0)) * days,
    )


def asked(*, brand: str = "", now: datetime) -> list[Late]:
    """The questions that wait for an answer, the most persons first."""
    rows = HotIssue.objects.filter(state="closed", drill=False, closed_at__gt=now - ASKED_FOR)
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    rows = rows.filter(happenings__verb=ASKS).distinct()
    late_groups = [late for row in rows.order_by("-closed_at") if (late := question(row, now=now))]
    return sorted(
        (late_group for late_group in late_groups if not late_group.quiet),
        key=lambda late: -late.persons,
    )


def asked_quietly(*, brand: str = "", now: datetime) -> list[Late]:
    """What came for closed issues, from the first complaint on, without an alarm."""
    closed_issues = HotIssue.objects.filter(
        state="closed", drill=False, closed_at__gt=now - ASKED_FOR
    )
    brands = ["", brand] if brand else sorted(set(closed_issues.values_list("brand", flat=True)))
    late_groups = []
    for each in brands:
        issues = closed_by_people(brand=each, now=now)
        if not issues:
            continue
        first = min(issue.closed_at for issue in issues if issue.closed_at)
        rows = rows_between(timezone.localdate(first), timezone.localdate(now), brand=each)
        late_groups += [late for issue in issues if (late := waiting(issue, now=now, rows=rows))]
    return [late_group for late_group in late_groups if late_group.quiet]


def waiting(issue: HotIssue, *, now: datetime, rows: pl.DataFrame | None = None) -> Late | None:
    """The open question about a closed issue, or, where none is asked, what has come for it."""
    if (late := question(issue, now=now)) is not None:
        return late
    cell_key = main_place(issue)
    by_people = issue.state == "closed" and issue.closed_because != BY_SCAN and not issue.drill
    lately = issue.closed_at is not None and issue.closed_at > now - ASKED_FOR
    if not cell_key or not by_people or not lately or issue.merged_into_id:
        return None
    late = fitting(issue, cell_key, now=now, rows=rows)
    return replace(late, quiet=True) if late else None


def question(issue: HotIssue, *, now: datetime) -> Late | None:
    """The open question about a closed issue; None where none is asked, or all is answered."""
    last = asking(issue)
    if last is None:
        return None
    cell_key, sayers = str(last.details.get("place", "")), last.details.get("said", ())
    late = fitting(issue, cell_key, now=now, sayers=sayers)
    return replace(late, quiet=bool(last.details.get("quiet"))) if late else None


def asking(issue: HotIssue) -> Happening | None:
    """The asking that nobody has answered since the issue was closed; None where there is none."""
    if issue.state != "closed" or issue.closed_at is None:
        return None
    last = (
        Happening.objects.filter(
            issue=issue, verb__in=(ASKS, *ANSWERS.values()), at__gte=issue.closed_at
        )
        .order_by("-at", "-id")
        .first()
    )
    return last if last is not None and last.verb == ASKS else None


def _taken(complaints: list[str]) -> set[str]:
    taken_refs: set[str] = set()
    for part in slices(complaints):
        past_memberships = Membership.objects.filter(complaint__in=part)
        taken_refs |= set(past_memberships.values_list("complaint", flat=True))
    return taken_refs
