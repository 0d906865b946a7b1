"""What the pages of emergencies and measures say: states, verbs, verdicts, kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amends.cases.complaints.queries.units import GROUPS
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.levels import reached
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.rules.emergency import EmergencyPlan
from amends.problems.emergencies.web.drill_words import detection_words, hourly_words
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.queries.words import in_tongue

Words: TypeAlias = str | Promise
Sign = tuple[str, Words]

KINDS: dict[str, Words] = {
    **GROUPS,
    "outage": gettext_lazy("Network outage"),
    "emergency_number": gettext_lazy("Emergency number out of reach"),
}
STEP_STATES: dict[str, Sign] = {
    "done": ("ok", gettext_lazy("done in time")),
    "done_late": ("warn", gettext_lazy("done, late")),
    "due": ("info", gettext_lazy("to do")),
    "late": ("bad", gettext_lazy("late")),
    "dropped": ("plain", gettext_lazy("no longer asked for")),
}
FREEZES: dict[str, Words] = {
    "offer": gettext_lazy("offer"),
    "campaign": gettext_lazy("campaign"),
    "launch": gettext_lazy("launch"),
}
LEFT: dict[str, Words] = {
    "no_decision": gettext_lazy("not investigated yet"),
    "person_must_decide": gettext_lazy("a person must decide"),
    "answered": gettext_lazy("answered already"),
}
DECISIONS: dict[str, Words] = {
    "upheld": gettext_lazy("upheld"),
    "partly_upheld": gettext_lazy("upheld in part"),
    "not_upheld": gettext_lazy("not upheld"),
    "person_must_decide": gettext_lazy("a person must decide"),
}
LEVEL_REASONS: dict[str, Words] = {
    "persons": gettext_lazy("the number of affected people"),
    "growth": gettext_lazy("their growth"),
    "kind": gettext_lazy("the kind of issue"),
    "person": gettext_lazy("a person's decision"),
}


@dataclass(frozen=True, slots=True)
class ReachedShown:
    """A level not given yet, as pages say it; `given` is the current one, or ""."""

    ref: str
    level: str
    grade: int
    reasons: list[Words]
    persons: int
    given: str


def reached_shown(issue: HotIssue, now: datetime) -> ReachedShown | None:
    """The graver level an issue reaches by the plan now; None where it has that level."""
    found = reached(issue, now=now)
    if found is None:
        return None
    return ReachedShown(
        ref=found.level.id,
        level=in_tongue(found.level.zh, found.level.en),
        grade=found.level.grade,
        reasons=[LEVEL_REASONS[reason] for reason in found.reasons],
        persons=found.persons,
        given=issue.level,
    )


def details(issue: HotIssue, found: Mapping[str, Any]) -> list[str]:
    """What a happening of an issue says of steps, levels, sales and drills."""
    planned = found.keys() & {"step", "level"}
    emergency = Emergency.objects.filter(issue=issue).first() if planned else None
    return step_details(found, plan_of(emergency) if emergency else None)


def step_details(found: Mapping[str, Any], plan: EmergencyPlan | None) -> list[str]:
    """The same, by the plan that is known."""
    known_steps = {one.id: one for one in plan.steps} if plan else {}
    known_levels = {one.id: one for one in plan.levels} if plan else {}
    said = []
    if step := known_steps.get(str(found.get("step", ""))):
        said.append(in_tongue(step.zh, step.en))
    if level := known_levels.get(str(found.get("level", ""))):
        said.append(in_tongue(level.zh, level.en))
    if how := found.get("how"):
        said.append(str(how))
    if kind := FREEZES.get(str(found.get("kind", ""))):
        said.append(f"{kind} {found.get('ref', '')}")
    if detection := found.get("detection"):
        said.append(detection_words(detection))
    if hourly := found.get("hourly"):
        said.append(hourly_words(hourly))
    return said
