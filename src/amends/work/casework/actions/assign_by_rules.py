"""Assign new cases by the rules of the operator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.people.access.queries.colleagues import active_among
from amends.platform.kit.actors import system
from amends.work.casework.actions.assign import place
from amends.work.casework.choices import AssignTo
from amends.work.casework.models import Assignment, AssignmentRule
from amends.work.casework.queries.kinds import case_kind
from amends.work.casework.queries.staff import away
from amends.work.casework.rules.assigning import (
    RuleTerms,
    WorkScope,
    least_loaded,
    matching_rule,
)

RULES = system("assignment rules")


def has_rules() -> bool:
    """Whether there is any rule to assign by."""
    return AssignmentRule.objects.filter(team__is_active=True).exists()


def assign_by_rules(kind: str, keys: Collection[str], *, now: datetime) -> int:
    """Assign cases that were never assigned; how many went to a team or a person.

    Who is away or left is given nothing; where everybody is, the case waits in the team's queue.
    What no rule matches is marked as looked at: a rule made later applies to later cases.
    """
    rows = {row.pk: row for row in _rules()}
    terms = [_terms(row) for row in rows.values()]
    today, about, placed = timezone.localdate(now), case_kind(kind), 0
    with transaction.atomic():
        assigned_keys = Assignment.objects.filter(kind=kind, key__in=keys).values_list(
            "key", flat=True
        )
        fresh = [key for key in keys if key not in set(assigned_keys)]
        cases = about.summaries(fresh)
        loads = _loads(kind, rows, today)
        for key in fresh:
            case = cases.get(key)
            matched_rule = (
                matching_rule(terms, case.traits, on=today) if case and case.is_open else None
            )
            if matched_rule is None:
                Assignment.objects.get_or_create(
                    kind=kind, key=key, defaults={"since": now, "assigned_by": RULES.ref}
                )
                continue
            rule = rows[matched_rule]
            person = ""
            if rule.assign_to == AssignTo.LEAST_LOADED:
                members = loads[rule.team_id]
                person = least_loaded(sorted(members), members, max_open=rule.most_open)
                # A person of two teams has one load.
                for team in loads.values():
                    if person in team:
                        team[person] += 1
            place(kind, [key], person=person, team=rule.team, actor=RULES, now=now)
            placed += 1
    return placed


def _rules() -> list[AssignmentRule]:
    rows = AssignmentRule.objects.filter(team__is_active=True).select_related("team")
    return list(rows.prefetch_related("team__members"))


def _terms(row: AssignmentRule) -> RuleTerms:
    team = row.team
    return RuleTerms(
        id=row.pk,
        case_kind=row.case_kind,
        scope=WorkScope(tuple(row.classes), tuple(row.areas), tuple(row.languages)),
        team_scope=WorkScope(tuple(team.classes), tuple(team.areas), tuple(team.languages)),
        team_brand=team.brand,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _loads(kind: str, rows: Mapping[int, AssignmentRule], today: date) -> dict[int, dict[str, int]]:
    """Team → open cases of each member who is here."""
    spread = [row for row in rows.values() if row.assign_to == AssignTo.LEAST_LOADED]
    members = {row.team_id: [member.person for member in row.team.members.all()] for row in spread}
    everybody = {person for team_members in members.values() for person in team_members}
    here = active_among(everybody) - away(everybody, on=today).keys()
    counts = case_kind(kind).open_cases(here)
    return {
        team: {person: counts.get(person, 0) for person in team_members if person in here}
        for team, team_members in members.items()
    }
