"""The level an issue reaches by the plan, where that is graver than the one it was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amends.engines.classification.taxonomy import taxonomy
from amends.engines.detection.cube import values_of
from amends.platform.database.once_per_request import once_per_request
from amends.problems.emergencies.queries.affected import growth_of
from amends.problems.emergencies.queries.declared import emergency_of
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.rules.emergency import (
    EmergencyLevel,
    EmergencyScope,
    grade,
    plan_on,
)
from amends.problems.hotissues.queries.causes import FAULTS, likeliest
from amends.problems.hotissues.queries.issue_summary import hit
from amends.problems.hotissues.queries.membership import main_place
from amends.problems.hotissues.queries.records import HotIssue

UNKNOWN_KIND = "other"
KINDS = {code.split(".")[0] for code in taxonomy().codes} | {"outage", "emergency_number", "other"}
"""Groups of classes, and what is graver than its class says."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A level nobody has given yet; `reasons`: of persons, growth or kind; `persons` hit."""

    level: EmergencyLevel
    reasons: tuple[str, ...]
    persons: int


@once_per_request
def reached(issue: HotIssue, *, now: datetime) -> Reached | None:
    """The graver level an issue reaches now; None where it has at least that level.

    Before a declaration those are hit whom its page says it hits, by its likeliest cause or its
    place; after it those who were declared to be.
    """
    emergency = emergency_of(issue)
    plan = plan_of(emergency) if emergency else plan_on(timezone.localdate(now))
    persons = issue.persons + emergency.silent if emergency else _affected(issue, now)
    kind = emergency.kind if emergency else kind_of(issue)
    graded = grade(EmergencyScope(persons, growth_of(issue, now), kind), plan)
    if not graded.level:
        return None
    level = plan.level(graded.level)
    if issue.level and plan.level(issue.level).grade <= level.grade:
        return None
    return Reached(level, graded.reasons, persons)


def kind_of(issue: HotIssue) -> str:
    """The group of the class an issue is named after; where none names it, "network" for a fault in
    an area, and "other"."""
    root = values_of(main_place(issue)).get("code", "").split(".")[0]
    best = likeliest(issue)
    fault = "network" if best and best.kind in FAULTS else UNKNOWN_KIND
    return root if root in KINDS else fault


def _affected(issue: HotIssue, now: datetime) -> int:
    return max(issue.persons, hit(issue, now=now).hit or 0)


def reaches(issue: HotIssue, *, now: datetime) -> str:
    """The identifier of the graver level an issue reaches, or ""."""
    reached_level = reached(issue, now=now)
    return reached_level.level.id if reached_level else ""
