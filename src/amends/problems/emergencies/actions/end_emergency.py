"""End an emergency: the cause is gone, the review is written, and the pack's rule lets it close."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.cases.complaints.queries import standings
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.actions.bulk_credit import relief_waits
from amends.problems.emergencies.actions.state_incident import state_incident
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.disaster import disaster_of
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.emergencies.rules.emergency import Closing, closing_rule, not_yet
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.close_by_hand import close_by_hand
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.queries.records import HotIssue

_LEAST_REVIEW = 20
_UNANSWERED = frozenset({"received", "acknowledged", "investigating", "reopened"})


class UnableToEnd(Refused):
    """Something the closing rule asks for is missing, or there is no emergency."""

    code = "unable_to_end_emergency"


def end_cause(ref: str, *, because: str, actor: Actor, now: datetime) -> Emergency:
    """Say that the cause is gone: service is back, the fault is repaired."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        emergency = _emergency(issue)
        if not because.strip():
            raise UnableToEnd(
                _("Nothing says how the cause ended."), next_step=_("Write it in a sentence.")
            )
        if emergency.cause_ended_at is None:
            emergency.cause_ended_at = now
            emergency.save(update_fields=["cause_ended_at"])
            state_incident(emergency, ended=True, at=now, now=now)
        note(issue, "cause_ended", actor=actor, now=now, reason=because)
    return emergency


def write_review(ref: str, text: str, *, actor: Actor, now: datetime) -> Emergency:
    """Keep what was learnt; it may be written again until the issue is closed."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        emergency = _emergency(issue)
        if issue.state != "open" or len("".join(text.split())) < _LEAST_REVIEW:
            raise UnableToEnd(
                _("The review is too short, or the issue is closed."),
                meaning=_("Anyone who has the same problem next year reads only this."),
                next_step=_("Write what happened, what was late and why, and what will change."),
            )
        emergency.review = redact_person(text.strip())[:8000]
        emergency.reviewed_at, emergency.reviewed_by = now, actor.ref
        emergency.save(update_fields=["review", "reviewed_at", "reviewed_by"])
        done(issue, "review", actor=actor, now=now)
    return emergency


def missing_to_close(issue: HotIssue) -> tuple[Closing, tuple[str, ...]]:
    """The closing rule of an issue, and what it asks for that is not true yet."""
    emergency = _emergency(issue)
    marked = disaster_of(issue) is not None
    rule = closing_rule(emergency.kind, emergency.pack, plan_of(emergency), disaster=marked)
    return rule, not_yet(rule, _true(issue, emergency))


def end_emergency(ref: str, *, because: str, actor: Actor, now: datetime) -> HotIssue:
    """Close the issue as the pack's closing rule allows; refused with what is missing."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        _emergency(locked_to_lead(ref, actor))
        return close_by_hand(ref, because=because, actor=actor, now=now)


def allow_closing(*, issue: HotIssue, actor: Actor, now: datetime, **_signal: object) -> None:
    """Refuse to close an issue whose emergency lacks something; an issue without one may close."""
    emergency = Emergency.objects.filter(issue=issue).first()
    if emergency is None:
        return
    rule, missing = missing_to_close(issue)
    if missing:
        raise UnableToEnd(
            _("The issue cannot be closed yet. Still missing: %(n)s.") % {"n": len(missing)},
            meaning=_("Somebody would be left without an answer, or nothing would be learnt."),
            next_step=_("The page of the emergency names them."),
        )
    if emergency.cause_ended_at is None:
        state_incident(emergency, ended=True, at=now, now=now)
    note(issue, "emergency_ended", actor=actor, now=now, details={"rule": rule.id})


def _emergency(issue: HotIssue) -> Emergency:
    emergency = Emergency.objects.filter(issue=issue).first()
    if emergency is None:
        raise UnableToEnd(
            _("No emergency was declared on this issue."), next_step=_("Declare it first.")
        )
    return emergency


def _true(issue: HotIssue, emergency: Emergency) -> set[str]:
    affected = issue.affected.filter(amount_minor__gt=0)
    facts = {
        "answered": _all_answered(issue),
        "relief_settled": not relief_waits(issue),
        "reviewed": _reviewed(issue, emergency),
        "cause_ended": emergency.cause_ended_at is not None,
        "offer_told": not affected.filter(told_at__isnull=True).exclude(told_on="nobody").exists(),
    }
    return {name for name, true in facts.items() if true}


def _reviewed(issue: HotIssue, emergency: Emergency) -> bool:
    """Whether a review was written since the issue was opened again, if it was."""
    reopening = issue.happenings.filter(verb="reopened").order_by("-at", "-id").first()
    at = emergency.reviewed_at
    return at is not None and (reopening is None or at >= reopening.at)


def _all_answered(issue: HotIssue) -> bool:
    if issue.drill:
        return issue.answer_rounds.filter(sent_at__isnull=False).exists()
    refs = complaints_in(issue)
    for part in slices(refs):
        complaint_standings = standings(part).values()
        if any(
            complaint_standing.state in _UNANSWERED for complaint_standing in complaint_standings
        ):
            return False
    return True
