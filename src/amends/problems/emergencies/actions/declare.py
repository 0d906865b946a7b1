"""Declare an emergency on an issue, and raise or lower its level: what is due follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.problems.emergencies.actions.notify_roles import notify_due_steps, notify_level_raised
from amends.problems.emergencies.actions.notify_silent import find_silent
from amends.problems.emergencies.actions.state_incident import state_incident
from amends.problems.emergencies.actions.steps import add_steps, done
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.affected import growth_of, silent_in
from amends.problems.emergencies.queries.levels import KINDS
from amends.problems.emergencies.queries.steps import current_steps, plan_of
from amends.problems.emergencies.rules.emergency import (
    EmergencyScope,
    Graded,
    due_steps,
    grade,
    plan_on,
    regrade,
)
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.causes import hit_place, likeliest
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToDeclare(Refused):
    """The issue is closed, has a level already, or reaches none and nobody gave a reason."""

    code = "unable_to_declare"


@dataclass(frozen=True, slots=True)
class DeclaredScope:
    """What everybody hit has in common: offers bought, areas lived in, since when; or a candidate
    cause, `kind:reference`, that touched them.

    Nothing named means that only those who complained are known to be hit.
    """

    offers: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    since: datetime | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of an issue, and the level its plan proposes."""

    hit: EmergencyScope
    complained: int
    silent: int
    graded: Graded
    plan: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration; `level` "" takes the proposed one, another one needs `reason`."""

    kind: str
    level: str = ""
    reason: str = ""
    scope: DeclaredScope = field(default_factory=DeclaredScope)


def assess(issue: HotIssue, declared: Declaration, *, brand: str = "", now: datetime) -> Assessment:
    """The level an issue reaches now; nothing is written.

    brand  count only users of this brand; "" of every brand of the issue
    """
    scope, plan = declared.scope, plan_on(timezone.localdate(now))
    if issue.drill:
        silent = issue.affected.count()
    else:
        silent = len(
            silent_in(
                issue,
                offers=scope.offers,
                areas=scope.areas,
                causes=scope.causes,
                since=scope.since or issue.started_at,
                brand=brand,
                now=now,
            )
        )
    hit = EmergencyScope(issue.persons + silent, growth_of(issue, now), declared.kind)
    return Assessment(
        hit=hit, complained=issue.persons, silent=silent, graded=grade(hit, plan), plan=plan.version
    )


def declare(ref: str, declared: Declaration, *, actor: Actor, now: datetime) -> Emergency:
    """Declare an emergency: level, steps with deadlines, notification of roles."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        if issue.state != "open" or Emergency.objects.filter(issue=issue).exists():
            raise UnableToDeclare(
                _("The issue is closed, or its emergency is declared already."),
                meaning=_("Nothing was changed."),
                next_step=_("Open the issue again, or change its level."),
            )
        if declared.kind not in KINDS:
            raise UnableToDeclare(
                _("The plan knows no such kind of issue."),
                meaning=_("Nothing was declared."),
                next_step=_("Choose one of: %(kinds)s.") % {"kinds": ", ".join(sorted(KINDS))},
            )
        assessment = assess(issue, declared, brand=actor.brand, now=now)
        level = _level(declared, assessment.graded, now)
        scope, plan = declared.scope, plan_on(timezone.localdate(now))
        emergency = Emergency.objects.create(
            issue=issue,
            plan=plan.version,
            brand=issue.brand or actor.brand,
            kind=declared.kind,
            pack=settings.JURISDICTION,
            because=[*assessment.graded.reasons]
            if level == assessment.graded.level
            else ["person"],
            offers=list(scope.offers),
            areas=list(scope.areas),
            causes=list(scope.causes),
            hit_since=scope.since or issue.started_at,
            silent=assessment.silent,
            declared_at=now,
            declared_by=actor.ref,
        )
        _record_level(
            issue, level, assessment.hit.persons, "", declared.reason, actor=actor, now=now
        )
        state_incident(emergency, at=min(emergency.hit_since, now), now=now)
        add_steps(emergency, due_steps(level, declared.kind, plan, at=now), level)
        find_silent(issue, emergency, now=now)
        notify_due_steps(issue, actor=actor, now=now)
        if issue.owner:
            done(issue, "assign", actor=actor, now=now, details={"owner": issue.owner})
    return emergency


def change_level(ref: str, level: str, *, because: str, actor: Actor, now: datetime) -> Emergency:
    """Raise or lower the level; an open step never gets more time than it had."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        emergency = Emergency.objects.filter(issue=issue).first()
        if emergency is None or issue.state != "open" or level == issue.level:
            raise UnableToDeclare(
                _("There is no emergency to change, or it has this level already."),
                next_step=_("Load the page again."),
            )
        plan = plan_of(emergency)
        if level not in {plan_level.id for plan_level in plan.levels} or not because.strip():
            raise UnableToDeclare(
                _("A change of level names a level and a reason."),
                next_step=_("Choose a level and say in a sentence why."),
            )
        changed = regrade(current_steps(emergency), level, emergency.kind, plan, at=now)
        before, issue_level = issue.level, level
        steps = {row.step: row for row in emergency.steps.filter(dropped_at__isnull=True)}
        for due_step in changed.sooner:
            steps[due_step.step].due_at = due_step.due_at
            steps[due_step.step].save(update_fields=["due_at"])
        for step in changed.dropped:
            steps[step].dropped_at = now
            steps[step].save(update_fields=["dropped_at"])
        add_steps(emergency, changed.added, level)
        hit = issue.persons + emergency.silent
        _record_level(issue, issue_level, hit, before, because, actor=actor, now=now)
        notify_due_steps(issue, actor=actor, now=now)
        if plan.level(level).grade < plan.level(before).grade:
            notify_level_raised(issue, actor=actor, now=now)
    return emergency


def _level(declared: Declaration, graded: Graded, now: datetime) -> str:
    """The level to give: the proposed one, or another that somebody gives a reason for."""
    level = declared.level or graded.level
    level_ids = {plan_level.id for plan_level in plan_on(timezone.localdate(now)).levels}
    if level not in level_ids or (level != graded.level and not declared.reason.strip()):
        raise UnableToDeclare(
            _("The issue reaches no level by itself, or another one was chosen without a reason."),
            meaning=_("Nothing was declared."),
            next_step=_("Choose a level and say in a sentence why."),
        )
    return level


def _record_level(
    issue: HotIssue,
    level: str,
    persons: int,
    before: str,
    because: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    issue.level = level
    issue.save(update_fields=["level"])
    details = {"level": level, "before": before, "persons": persons}
    note(issue, "level_given", actor=actor, now=now, reason=because, details=details)
    payload: dict[str, str | int] = {
        "issue": issue.id,
        "level": level,
        "plan": plan_on(timezone.localdate(now)).version,
        "persons": persons,
        **({"before": before} if before else {}),
        **({"drill": 1} if issue.drill else {}),
    }
    append(
        [
            Fact(
                kind="EmergencyDeclared",
                subscriber="",
                subject=issue.id,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )


def scope_of(
    offers: Sequence[str],
    areas: Sequence[str],
    since: datetime | None,
    causes: Sequence[str] = (),
) -> DeclaredScope:
    """A scope from what a form or a command gives, blanks left out."""
    return DeclaredScope(
        offers=tuple(offer.strip() for offer in offers if offer.strip()),
        areas=tuple(area.strip() for area in areas if area.strip()),
        since=since,
        causes=tuple(cause.strip() for cause in causes if cause.strip()),
    )


def known_scope(issue: HotIssue) -> DeclaredScope:
    """Whom the page of an issue says it hits: those its confirmed or likeliest cause touched, else
    who has the offers of its place or lives in its areas."""
    if best := likeliest(issue):
        return DeclaredScope(causes=(f"{best.kind}:{best.reference}",))
    offers, areas = hit_place(issue)
    return DeclaredScope(tuple(offers), tuple(areas))
