"""Teams, who is in them, and who is away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from amends.people.access.queries.colleagues import people
from amends.work.casework.models import Absence, Team, TeamMember


def teams(*, brand: str = "", active_only: bool = True) -> list[Team]:
    """The teams by title; those of a brand also serve cases of no brand."""
    rows = Team.objects.prefetch_related("members")
    if active_only:
        rows = rows.filter(is_active=True)
    if brand:
        rows = rows.filter(brand__in=("", brand))
    return list(rows)


def teams_of(person: str) -> list[Team]:
    """The active teams a person is in, by title."""
    return list(Team.objects.filter(members__person=person, is_active=True))


def team_slugs_of(person: str) -> QuerySet[TeamMember, str]:
    """The slugs of the active teams a person is in, as a subquery of another statement."""
    rows = TeamMember.objects.filter(person=person, team__is_active=True)
    return rows.order_by().values_list("team__slug", flat=True)


def members_of(teams: Iterable[str]) -> set[str]:
    """References of the people in teams, by the slugs of these."""
    rows = TeamMember.objects.filter(team__slug__in=list(teams), team__is_active=True)
    return set(rows.values_list("person", flat=True))


def away(people: Collection[str], *, on: date) -> dict[str, date]:
    """Those of some people who are away on a day, with their last day away."""
    rows = Absence.objects.filter(person__in=people, first_day__lte=on, last_day__gte=on)
    return dict(rows.order_by("last_day").values_list("person", "last_day"))


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with the names of its people; an empty list of what it works on is no limit."""

    slug: str
    title: str
    brand: str
    lead: str
    members: list[str]
    classes: list[str]
    areas: list[str]
    languages: list[str]


@dataclass(frozen=True, slots=True)
class TeamList:
    """The active teams by title."""

    teams: list[TeamView]


def team_list(*, brand: str = "") -> TeamList:
    """The active teams with the names of their people."""
    team_rows = teams(brand=brand)
    refs = {member.person for team in team_rows for member in team.members.all()}
    names = people(refs | {team.lead for team in team_rows} - {""})
    return TeamList(
        [
            TeamView(
                slug=team.slug,
                title=team.title,
                brand=team.brand,
                lead=names.get(team.lead, ""),
                members=sorted(
                    names.get(member.person, member.person) for member in team.members.all()
                ),
                classes=team.classes,
                areas=team.areas,
                languages=team.languages,
            )
            for team in team_rows
        ]
    )
