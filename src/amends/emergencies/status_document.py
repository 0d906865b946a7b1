"""The status of an issue's emergency, as a document of strings and numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from amends.catalogue.queries import freezes
from amends.emergencies.actions.end_emergency import missing_to_close
from amends.emergencies.actions.freeze_sale import cause_of
from amends.emergencies.affected import counted_at
from amends.emergencies.disaster import disaster_of
from amends.emergencies.levels import reached
from amends.emergencies.models import Emergency
from amends.emergencies.rules.emergency import step_state
from amends.emergencies.steps import current_steps, plan_of
from amends.hotissues.queries.names import name_of
from amends.hotissues.queries.records import HotIssue


def status_document(issue: HotIssue, *, now: datetime, chinese: bool = False) -> dict[str, Any]:
    """Level given and reached, persons hit, steps, what is not sold, what closing still needs."""
    found = reached(issue, now=now) if issue.state == "open" and not issue.drill else None
    led = Emergency.objects.filter(issue=issue).first()
    document: dict[str, Any] = {
        "number": issue.number,
        "name": name_of(issue),
        "state": issue.state,
        "drill": issue.drill,
        "level": issue.level,
        "reaches": found.level.id if found else "",
        "hit": found.persons if found else issue.persons + (led.silent if led else 0),
        "steps": [],
        "missing": [],
        "frozen": [
            {"kind": one.kind, "ref": one.ref}
            for one in freezes(cause=cause_of(issue))
            if one.lifted_at is None
        ],
    }
    if led is None:
        return document
    plan = plan_of(led)
    language_key = "zh" if chinese else "en"
    return document | {
        "kind": led.kind,
        "plan": led.plan,
        "silent": led.silent,
        "counted_at": _iso(counted_at(issue.id, now=now)),
        "disaster": _disaster(issue),
        "closing_rule": missing_to_close(issue)[0].id,
        "offers": led.offers,
        "areas": led.areas,
        "causes": led.causes,
        "steps": [
            {
                "step": one.step,
                "words": getattr(plan.step(one.step), language_key),
                "stand": step_state(one, now),
                "due_at": one.due_at.isoformat(),
                "done_at": one.done_at.isoformat() if one.done_at else None,
            }
            for one in current_steps(led)
        ],
        "missing": [plan.needs[one][not chinese] for one in missing_to_close(issue)[1]],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _disaster(issue: HotIssue) -> dict[str, str] | None:
    marked = disaster_of(issue)
    if marked is None:
        return None
    return {"at": marked.at.isoformat(), "by": marked.actor, "reason": marked.reason}
