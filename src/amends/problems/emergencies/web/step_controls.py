"""Where each open step of an emergency is done on its page, or who must do what first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.queries import may, roles_that_may, rules_on
from amends.people.access.queries.colleagues import colleagues, names_with_roles, people
from amends.platform.kit.actors import Actor
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.steps import open_steps
from amends.problems.emergencies.rules.emergency import EmergencyPlan, EmergencyStepRule
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.words import in_tongue

_PERMISSIONS = {
    "tell": "hotissues.lead",
    "assign": "hotissues.lead",
    "freeze": "hotissues.lead",
    "statement": "hotissues.lead",
    "answer": "hotissues.answer",
    "silent": "hotissues.answer",
    "relief": "hotissues.silent",
    "review": "hotissues.lead",
}
"""Act → the permission with which the page shows its control."""


@dataclass(frozen=True, slots=True)
class StepControl:
    """The control of a step for one reader.

    anchor  the id of the section that does it, "" where the reader has none
    first   who must do what before it can be done, or who does it; ""
    """

    anchor: str
    first: str


@dataclass(frozen=True, slots=True)
class RoleToNotify:
    """An open step that notifies a role: what it waits for, and whether a person must act."""

    step: str
    words: str
    state: str
    nobody: bool


def controls(
    emergency: Emergency, plan: EmergencyPlan, *, actor: Actor, now: datetime
) -> dict[str, StepControl]:
    """Step → its control; of a closed issue no step is open to anybody."""
    if emergency.issue.state != "open":
        return {}
    steps = emergency.steps.filter(done_at__isnull=True, dropped_at__isnull=True)
    rules = [plan.step(step) for step in steps.values_list("step", flat=True)]
    return {rule.id: _control(rule, emergency.issue, actor, now) for rule in rules}


def _control(rule: EmergencyStepRule, issue: HotIssue, actor: Actor, now: datetime) -> StepControl:
    first = ""
    if rule.act == "tell":
        nobody, explanation = _reachable(rule, issue, now)
        first = explanation if nobody else ""
    permission = _PERMISSIONS[rule.act]
    if may(actor.roles, permission):
        return StepControl(f"tell-{rule.id}" if rule.act == "tell" else rule.act, first)
    if not first:
        first = _("Done by: %(roles)s.") % {"roles": role_names(roles_that_may(permission), now)}
    return StepControl("", first)


def roles_to_notify(emergency: Emergency, plan: EmergencyPlan, now: datetime) -> list[RoleToNotify]:
    """The open steps that notify roles, soonest first."""
    notifications = []
    for row in open_steps(emergency, "tell"):
        rule = plan.step(row.step)
        nobody, explanation = _reachable(rule, emergency.issue, now)
        notifications.append(
            RoleToNotify(
                step=rule.id, words=in_tongue(rule.zh, rule.en), state=explanation, nobody=nobody
            )
        )
    return notifications


def _reachable(rule: EmergencyStepRule, issue: HotIssue, now: datetime) -> tuple[bool, str]:
    """Whether nobody can be reached by mail, and what that waits for."""
    role = role_names(rule.roles, now)
    holders = colleagues(rule.roles, brand=issue.brand)
    if not holders:
        return True, _(
            "No one holds the role “%(role)s”: an administrator assigns it under Settings, Staff "
            "accounts."
        ) % {"role": role}
    if not issue.drill and not any(holder.email for holder in holders):
        return True, _(
            "%(names)s cannot be reached by mail: an administrator adds the address under "
            "Settings, Staff accounts."
        ) % {"names": _listed(names_with_roles(rule.roles, brand=issue.brand))}
    named = people(holder.ref for holder in holders if holder.email or issue.drill)
    return False, _("Notified by mail within a minute: %(names)s.") % {
        "names": _listed(sorted(named.values()))
    }


def role_names(roles: Sequence[str] | frozenset[str], now: datetime) -> str:
    """The names of roles in the reader's language."""
    roles_by_id = rules_on(timezone.localdate(now)).roles
    return _listed([in_tongue(*roles_by_id.get(role, (role, role))) for role in sorted(roles)])


def _listed(names: Sequence[str]) -> str:
    return in_tongue("、", ", ").join(names)
