"""The level an issue reaches by the plan, where that is graver than the one it was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amends.hotissues.affected import growth_of
from amends.hotissues.belonging import main_place
from amends.hotissues.emergency_steps import plan_of
from amends.hotissues.models import Emergency, HotIssue
from amends.hotissues.rules.cube import values_of
from amends.hotissues.rules.emergency import Hit, Level, grade, plan_on

UNKNOWN_KIND = "other"


@dataclass(frozen=True, slots=True)
class Reached:
    """A level nobody has given yet; `because` of persons, growth or kind; `persons` hit."""

    level: Level
    because: tuple[str, ...]
    persons: int


def reached(issue: HotIssue, *, now: datetime) -> Reached | None:
    """The graver level an issue reaches now; None where it stands at least there.

    Before a declaration only those are hit who complained, and who is silent by a cause that
    somebody confirmed: whom a place alone would hit nobody has looked at yet.
    """
    emergency = Emergency.objects.filter(issue=issue).first()
    plan = plan_of(emergency) if emergency else plan_on(timezone.localdate(now))
    silent = emergency.silent if emergency else _silent_by_cause(issue)
    persons = issue.persons + silent
    kind = emergency.kind if emergency else kind_of(issue)
    graded = grade(Hit(persons, growth_of(issue, now), kind), plan)
    if not graded.level:
        return None
    level = plan.level(graded.level)
    if issue.level and plan.level(issue.level).grade <= level.grade:
        return None
    return Reached(level, graded.because, persons)


def kind_of(issue: HotIssue) -> str:
    """The group of the class an issue is named after; "other" where a class does not name it."""
    code = values_of(main_place(issue)).get("code", "")
    return code.split(".")[0] or UNKNOWN_KIND


def _silent_by_cause(issue: HotIssue) -> int:
    confirmed = issue.causes.filter(judged="confirmed").order_by("rank", "id").first()
    return int(confirmed.numbers.get("silent", 0)) if confirmed else 0
