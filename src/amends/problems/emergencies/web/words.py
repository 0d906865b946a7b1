"""What the pages of emergencies and measures say: states, verbs, verdicts, kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amends.cases.complaints.texts.units import GROUPS
from amends.problems.emergencies.queries.declared import emergency_of
from amends.problems.emergencies.queries.levels import reached
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.rules.emergency import EmergencyPlan
from amends.problems.emergencies.web.drill_words import detection_words, hourly_words
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.words import in_tongue

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
    reached_level = reached(issue, now=now)
    if reached_level is None:
        return None
    return ReachedShown(
        ref=reached_level.level.id,
        level=in_tongue(reached_level.level.zh, reached_level.level.en),
        grade=reached_level.level.grade,
        reasons=[LEVEL_REASONS[reason] for reason in reached_level.reasons],
        persons=reached_level.persons,
        given=issue.level,
    )


def details(issue: HotIssue, recorded: Mapping[str, Any]) -> list[str]:
    """What a happening of an issue says of steps, levels, sales and drills."""
    planned = recorded.keys() & {"step", "level"}
    emergency = emergency_of(issue) if planned else None
    return step_details(recorded, plan_of(emergency) if emergency else None)


def step_details(recorded: Mapping[str, Any], plan: EmergencyPlan | None) -> list[str]:
    """The same, by the plan that is known."""
    known_steps = {plan_step.id: plan_step for plan_step in plan.steps} if plan else {}
    known_levels = {plan_level.id: plan_level for plan_level in plan.levels} if plan else {}
    labels = []
    if step := known_steps.get(str(recorded.get("step", ""))):
        labels.append(in_tongue(step.zh, step.en))
    if level := known_levels.get(str(recorded.get("level", ""))):
        labels.append(in_tongue(level.zh, level.en))
    if how := recorded.get("how"):
        labels.append(str(how))
    if kind := FREEZES.get(str(recorded.get("kind", ""))):
        labels.append(f"{kind} {recorded.get('ref', '')}")
    if detection := recorded.get("detection"):
        labels.append(detection_words(detection))
    if hourly := recorded.get("hourly"):
        labels.append(hourly_words(hourly))
    return labels
