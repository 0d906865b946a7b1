"""How much work the desk has, in one pass over what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from amends.cases.complaints.models import Complaint
from amends.people.access.queries.colleagues import active_among, people
from amends.work.casework.queries.staff import away, teams


@dataclass(frozen=True, slots=True)
class Workload:
    """Counts of complaints; what was brought in as history is open too, and not received."""

    received_last_hour: int
    open: int
    late: int
    escalated: int
    due_in_24_h: int
    for_a_person: int


def workload(*, now: datetime) -> Workload:
    """What came in during the last hour, and how the open ones stand to their legal deadlines."""
    running = Complaint.objects.filter(kind="complaint", is_open=True, next_due_at__isnull=False)
    late = Q(next_due_at__lt=now)
    counts = running.order_by().aggregate(
        open=Count("id"),
        late=Count("id", filter=late),
        escalated=Count("id", filter=~Q(escalated_to="")),
        due_in_24_h=Count("id", filter=Q(next_due_at__lt=now + timedelta(hours=24)) & ~late),
    )
    waiting = Complaint.objects.filter(kind="complaint", is_open=True, next_due_at__isnull=True)
    received = Complaint.objects.filter(
        kind="complaint", received_at__gt=now - timedelta(hours=1), history=False
    )
    return Workload(
        received_last_hour=received.count(),
        open=counts["open"] + waiting.count(),
        late=counts["late"],
        escalated=counts["escalated"],
        due_in_24_h=counts["due_in_24_h"],
        for_a_person=running.filter(verdict="person_must_decide").count(),
    )


AGES_DAYS = (2, 5, 10, 20)
"""Ends of the age groups, in days since receipt; the last group is older."""


@dataclass(frozen=True, slots=True)
class OwnerWorkload:
    """Open complaints of one person, or of a team's queue that nobody has taken.

    ages         how many in each age group of `AGES_DAYS`, the youngest first
    away_until   the last day away; None for somebody who is here
    has_left     the person cannot sign in any more
    """

    person: str
    name: str
    team: str
    open: int
    late: int
    due_in_24_h: int
    next_due_at: datetime | None
    ages: tuple[int, ...]
    away_until: date | None = None
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class TeamWorkload:
    """Who has how much; `queues` are of teams, `people` those with open complaints or in a team."""

    people: list[OwnerWorkload]
    queues: list[OwnerWorkload]


def workload_by_owner(*, now: datetime, brand: str = "", team: str = "") -> TeamWorkload:
    """Open complaints of each person and in each team's queue, the most loaded first.

    team  slug of the only team to list: its members and its queue
    """
    teams_shown = [shown_team for shown_team in teams(brand=brand) if team in ("", shown_team.slug)]
    members = {member.person for each in teams_shown for member in each.members.all()}
    rows = Complaint.objects.filter(is_open=True)
    if brand:
        rows = rows.filter(brand=brand)
    handled = rows.exclude(handler="")
    if team:
        handled = handled.filter(handler__in=members)
    counts_by_handler = {row.pop("handler"): row for row in _counted(handled, "handler", now)}
    refs = counts_by_handler.keys() | members
    names, here = people(refs), active_among(refs)
    absent = away(refs, on=timezone.localdate(now))
    persons = [
        OwnerWorkload(
            **_fields(counts_by_handler.get(ref, {})),
            person=ref,
            name=names.get(ref, ref),
            team="",
            away_until=absent.get(ref),
            has_left=ref not in here,
        )
        for ref in refs
    ]
    queued = rows.filter(handler="").exclude(team="")
    waiting = {row.pop("team"): row for row in _counted(queued, "team", now)}
    queues = [
        OwnerWorkload(
            **_fields(waiting.get(shown_team.slug, {})),
            person="",
            name=shown_team.title,
            team=shown_team.slug,
        )
        for shown_team in teams_shown
    ]
    return TeamWorkload(sorted(persons, key=_most_loaded), sorted(queues, key=_most_loaded))


def unassigned_workload(*, now: datetime, brand: str = "") -> OwnerWorkload | None:
    """Open complaints that neither a person nor a team has; None where there are none."""
    rows = Complaint.objects.filter(is_open=True, handler="", team="")
    if brand:
        rows = rows.filter(brand=brand)
    counted = _counted(rows, "team", now)
    if not counted:
        return None
    return OwnerWorkload(**_fields(counted[0]), person="", name="", team="")


def _most_loaded(owner_workload: OwnerWorkload) -> tuple[int, int, str]:
    return -owner_workload.late, -owner_workload.open, owner_workload.name


def _counted(rows: QuerySet[Complaint], by: str, now: datetime) -> list[dict[str, Any]]:
    late = Q(next_due_at__lt=now)
    ages = {}
    for age_index, (younger, older) in enumerate(pairwise((0, *AGES_DAYS, 0))):
        group = Q(received_at__lte=now - timedelta(days=younger)) if younger else Q()
        if older:
            group &= Q(received_at__gt=now - timedelta(days=older))
        ages[f"age_{age_index}"] = Count("id", filter=group)
    counted = (
        rows.order_by()
        .values(by)
        .annotate(
            open=Count("id"),
            late=Count("id", filter=late),
            due_in_24_h=Count("id", filter=Q(next_due_at__lt=now + timedelta(hours=24)) & ~late),
            next_due_at=Min("next_due_at"),
            **ages,
        )
    )
    return list(counted)


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    """Figures of a row; zeros for somebody with no open complaint."""
    ages = tuple(row.get(f"age_{age_index}", 0) for age_index in range(len(AGES_DAYS) + 1))
    counts = {name: row.get(name, 0) for name in ("open", "late", "due_in_24_h")}
    return {**counts, "next_due_at": row.get("next_due_at"), "ages": ages}
