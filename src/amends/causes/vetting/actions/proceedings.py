"""A step against a partner: proposed, heard, decided by a second person, appealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.vetting.models import PartnerProceeding, PartnerStep, ProceedingState
from amends.causes.vetting.rules.partner_consequences import partner_rules
from amends.people.access.queries import may
from amends.people.partners.actions.contract import end_contract
from amends.people.partners.actions.sanction import impose, lift
from amends.people.partners.queries import brands_of, contracts_in_force
from amends.people.partners.queries import partner as partner_on_record
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.packs import day_in
from amends.platform.registry import DecisionAct
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions import decide as approvals
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.second_person import approve_or_request
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import approvals_on

DECISION = "vetting.step"
_MOST_CHARACTERS = 4_000
_KINDS = {
    PartnerStep.PROBATION: "warning",
    PartnerStep.STOP_ORDERS: "suspension",
    PartnerStep.END_CONTRACT: "exclusion",
}


class UnableToProceed(BadInput):
    """The proceeding is unknown, or this cannot be done now."""

    code = "proceeding_not_changed"


class UnableToDecideAlone(Refused):
    """The person's role may not, or it was this person who proposed or decided before."""

    code = "second_person_needed"


@dataclass(frozen=True, slots=True)
class ProceedingStatus:
    """How far a proceeding is, as a badge shows it, the partner and the page."""

    state: ProceedingState
    partner: str
    path: str


def propose(
    partner: str, *, step: str, reasons: Sequence[Mapping[str, Any]], by: Actor, now: datetime
) -> str:
    """Open a proceeding and return its reference; the partner may state its view first."""
    _demand(by, "services.manage")
    if step not in PartnerStep.values or partner_on_record(partner) is None:
        raise UnableToProceed(_("There is no such partner or step."))
    if not reasons:
        raise UnableToProceed(_("A step needs a reason."))
    rules = partner_rules(day_in(settings.JURISDICTION, now))
    open_states = (ProceedingState.HEARING, ProceedingState.APPEALED)
    ref = random_id("pro", length=12)
    with transaction.atomic():
        rows = PartnerProceeding.objects.filter(partner=partner, step=step)
        if rows.filter(state__in=open_states).exists():
            raise UnableToProceed(_("This step is open already."))
        row = PartnerProceeding.objects.create(
            ref=ref,
            partner=partner,
            step=step,
            state=ProceedingState.HEARING,
            reasons=list(reasons),
            rules=rules.version,
            proposed_by=by.ref,
            proposed_at=now,
            statement_until=now + timedelta(days=rules.hearing_days),
        )
        request_approval(
            DECISION,
            subject=_subject(row),
            reason=_reason(row),
            actor=by,
            now=now,
            brands=brands_of(partner),
        )
    return ref


def _subject(row: PartnerProceeding) -> Subject:
    named = partner_on_record(row.partner)
    return Subject(
        kind="proceeding",
        key=row.ref,
        title=f"{named.name_en if named else row.partner}: {PartnerStep(row.step).label}",
        path=f"/desk/services/partners/{row.partner}/",
    )


def _reason(row: PartnerProceeding) -> str:
    """The first reason of a proceeding, as the request has it."""
    first = row.reasons[0]
    return str(first.get("en") or first.get("zh") or row.ref).ljust(6, ".")


def propose_stop(
    partner: str, reasons: Sequence[Mapping[str, Any]], by: Actor, now: datetime
) -> str:
    """Propose to stop new orders of a partner, for another app; returns the reference."""
    return propose(partner, step=PartnerStep.STOP_ORDERS, reasons=reasons, by=by, now=now)


def withdraw(ref: str, reason: str, by: Actor, now: datetime) -> None:
    """Drop a proceeding whose reason has ceased, and lift its sanction."""
    with transaction.atomic():
        # This may already drop it.
        approvals.overtake("proceeding", ref, actor=by, now=now, reason=reason)
        row = PartnerProceeding.objects.select_for_update().filter(ref=ref).first()
        if row is None or row.state == ProceedingState.DROPPED:
            return
        if not row.decided_by:
            row.decided_by, row.decided_at, row.decision = by.ref, now, _text(reason)[:300]
        row.state = ProceedingState.DROPPED
        row.save()
        if row.sanction:
            lift(row.sanction, now=now)


def status(ref: str) -> ProceedingStatus | None:
    """How far a proceeding is, for another app; None for an unknown one."""
    row = PartnerProceeding.objects.filter(ref=ref).first()
    if row is None:
        return None
    path = f"/desk/services/partners/{row.partner}/"
    return ProceedingStatus(ProceedingState(row.state), row.partner, path)


def record_statement(ref: str, *, text: str, by: Actor, now: datetime) -> None:
    """Record what the partner states, until the decision."""
    _demand(by, "services.manage")
    with transaction.atomic():
        row = _locked(ref, ProceedingState.HEARING)
        row.statement, row.stated_by, row.stated_at = _text(text), by.ref, now
        row.save(update_fields=["statement", "stated_by", "stated_at"])


def decide(ref: str, *, is_imposed: bool, reason: str, by: Actor, now: datetime) -> None:
    """Impose the step or drop it; by a person other than the proposer, after the hearing.

    A probation is a warning with an end, a stop of orders a suspension, the end of the contract an
    exclusion with the contracts ended: gates of orders obey them at once.
    """
    _demand(by, "partners.sanction")
    text = _text(reason)[:300]
    with transaction.atomic():
        row = _locked(ref, ProceedingState.HEARING)
        if by.ref == row.proposed_by:
            raise UnableToDecideAlone(_("Somebody else than the one who proposed it decides."))
        waiting = approvals_on("proceeding", ref, decision=DECISION)
        if is_imposed:
            approve_or_request(
                DECISION,
                subject=_subject(row),
                reason=_reason(row),
                prepared_by=[row.proposed_by],
                actor=by,
                now=now,
                brands=brands_of(row.partner),
                answer=text,
            )
        elif waiting:
            approvals.refuse(waiting[0].ref, actor=by, reason=text, now=now)
        else:
            _drop(row, by=by.ref, reason=text, now=now)


def perform_step(act: DecisionAct) -> str:
    """Impose an approved step, once the partner has stated its view or the time for it is over."""
    row = _locked(act.subject, ProceedingState.HEARING)
    if not row.statement and act.now < row.statement_until:
        raise UnableToProceed(
            _("The partner may state its view until %(until)s."),
            next_step=_("Record its statement, or decide after that day."),
            values={"until": f"{row.statement_until:%Y-%m-%d}"},
        )
    row.decided_by, row.decided_at = act.actor.ref, act.now
    row.decision = act.answer or act.reason[:300]
    _impose(row, act.now)
    row.save()
    return row.sanction


def drop_step(act: DecisionAct) -> None:
    """Drop a step that was refused or withdrawn, or that no one decided in time."""
    row = PartnerProceeding.objects.select_for_update().filter(ref=act.subject).first()
    if row is not None and row.state == ProceedingState.HEARING:
        _drop(row, by=act.actor.ref, reason=act.answer, now=act.now)


def _drop(row: PartnerProceeding, *, by: str, reason: str, now: datetime) -> None:
    row.decided_by, row.decided_at, row.decision = by, now, reason[:300]
    row.state = ProceedingState.DROPPED
    row.save()


def undo_step(act: DecisionAct) -> None:
    """Lift the sanction of an approved step; a contract that was ended has to be signed again."""
    row = PartnerProceeding.objects.select_for_update().get(ref=act.subject)
    if row.state in (ProceedingState.IN_FORCE, ProceedingState.APPEALED):
        lift(row.sanction, now=act.now)
        row.state = ProceedingState.DROPPED
        row.save(update_fields=["state"])


def _impose(row: PartnerProceeding, now: datetime) -> None:
    rules = partner_rules(day_in(settings.JURISDICTION, now))
    until = now + timedelta(days=rules.probation_days)
    row.sanction = impose(
        row.partner,
        kind=_KINDS[PartnerStep(row.step)],
        reason=f"{row.decision} ({row.ref})"[:300],
        now=now,
        until=until if row.step == PartnerStep.PROBATION else None,
    )
    if row.step == PartnerStep.END_CONTRACT:
        for contract in contracts_in_force(row.partner, now):
            end_contract(contract, at=now)
    row.state = ProceedingState.IN_FORCE
    row.appeal_until = now + timedelta(days=rules.appeal_days)


def record_appeal(ref: str, *, text: str, by: Actor, now: datetime) -> None:
    """Record the partner's appeal against a step in force; it remains in force meanwhile."""
    _demand(by, "services.manage")
    with transaction.atomic():
        row = _locked(ref, ProceedingState.IN_FORCE)
        if row.appeal_until is None or now > row.appeal_until or row.answered_at:
            raise UnableToProceed(_("The time of the appeal is over, or it was answered."))
        row.appeal, row.appealed_at = _text(text), now
        row.state = ProceedingState.APPEALED
        row.save(update_fields=["appeal", "appealed_at", "state"])


def answer_appeal(ref: str, *, is_granted: bool, reason: str, by: Actor, now: datetime) -> None:
    """Answer an appeal; by a person other than the decider. Granted, the sanction is lifted.

    A contract that was ended has to be signed again.
    """
    _demand(by, "partners.sanction")
    with transaction.atomic():
        row = _locked(ref, ProceedingState.APPEALED)
        if by.ref == row.decided_by:
            raise UnableToDecideAlone(_("Somebody else than the one who decided answers."))
        row.answered_by, row.answered_at, row.answer = by.ref, now, _text(reason)[:300]
        row.state = ProceedingState.DROPPED if is_granted else ProceedingState.IN_FORCE
        row.save()
        if is_granted and row.sanction:
            lift(row.sanction, now=now)


def _demand(by: Actor, permission: str) -> None:
    if by.kind != "system" and not may(by.roles, permission):
        raise UnableToDecideAlone(_("Your role may not do this."))


def _locked(ref: str, state: ProceedingState) -> PartnerProceeding:
    row = PartnerProceeding.objects.select_for_update().filter(ref=ref).first()
    if row is None or row.state != state:
        raise UnableToProceed(
            _("This proceeding is not in that state."),
            next_step=_("Reload the page: somebody else may have changed it."),
        )
    return row


def _text(text: str) -> str:
    """The text, with what identifies a person masked."""
    stripped = text.strip()
    if not stripped or len(stripped) > _MOST_CHARACTERS:
        raise UnableToProceed(
            _("Write why, in up to 4,000 characters."), next_step=_("Shorten the text.")
        )
    return redact_person(stripped)
