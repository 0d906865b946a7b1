"""Answer a request: approve, refuse, withdraw, overtake; and undo what was approved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.module_loading import import_string

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean, says_why
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions.mail import mail_answer
from amends.work.approvals.choices import WaitingKind, WaitingState
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import (
    act_of,
    covers,
    deciders,
    decision_named,
    has_authority,
    may_undo,
)
from amends.work.approvals.refusals import UnableToFindItem

NOBODY_ELSE = _("Add a second person under Settings → People.")
_LONGEST_REASON = 400


class UnableToDecide(Refused):
    """The request is the actor's own or benefits them, authority is lacking, or it has ended."""

    code = "approval_not_decided"


def approve(ref: str, *, actor: Actor, now: datetime, reason: str = "") -> WaitingItem:
    """Approve a request; its act is performed in the same transaction.

    Raises `UnableToFindItem`, `UnableToDecide`, and whatever the performer raises: then nothing
    was changed, and the request still waits.
    """
    with transaction.atomic():
        item = _waiting(ref)
        _refuse_decider(item, actor, now)
        decision, is_in_force = decision_named(item.decision), item.is_in_force_alone
        # Answered first: what the performer overtakes on the subject is not this request.
        _answer(item, WaitingState.APPROVED, by=actor.ref, reason=reason, now=now)
        if decision.at_once or not is_in_force:
            perform = import_string(decision.perform)
            item.outcome = perform(act_of(item, actor=actor, now=now)) or item.outcome
            item.save(update_fields=["outcome"])
    return item


def refuse(ref: str, *, actor: Actor, reason: str, now: datetime) -> WaitingItem:
    """Refuse a request with a reason; an urgent act that is in force is undone."""
    _require_reason(reason)
    with transaction.atomic():
        item = _waiting(ref)
        _refuse_decider(item, actor, now)
        end_unapproved(item, WaitingState.REFUSED, actor=actor, reason=reason, now=now)
    return item


def withdraw(ref: str, *, actor: Actor, now: datetime, reason: str = "") -> WaitingItem:
    """Withdraw a request; only the requester may."""
    with transaction.atomic():
        item = _waiting(ref)
        if actor.ref != item.asked_by:
            raise UnableToDecide(
                _("Only the requester may withdraw a request."),
                meaning=_("It still waits."),
                next_step=_("Refuse it with a reason, if you may decide it."),
            )
        end_unapproved(item, WaitingState.WITHDRAWN, actor=actor, reason=reason, now=now)
    return item


def overtake(
    kind: str,
    key: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    decision: str = "",
    part: str | None = None,
) -> int:
    """End what waits on a subject because it is no longer required; how many requests.

    For the app of the subject: after the text was edited, the incident closed, the amount changed.
    """
    with transaction.atomic():
        rows = WaitingItem.objects.select_for_update().filter(
            kind=WaitingKind.APPROVAL,
            subject_kind=kind,
            subject_key=key,
            state=WaitingState.WAITING,
        )
        if decision:
            rows = rows.filter(decision=decision)
        if part is not None:
            rows = rows.filter(part=part)
        items = list(rows.order_by("ref"))
        for item in items:
            end_unapproved(item, WaitingState.OVERTAKEN, actor=actor, reason=reason, now=now)
    return len(items)


def undo(ref: str, *, actor: Actor, reason: str, now: datetime) -> WaitingItem:
    """Undo what was approved, with a reason; with authority for all of its brands."""
    _require_reason(reason)
    with transaction.atomic():
        item = _locked(ref)
        decision = decision_named(item.decision)
        if not decision.undo:
            raise UnableToDecide(_("This cannot be undone."), next_step=str(decision.undo_note))
        if item.state != WaitingState.APPROVED or item.undone_at is not None:
            raise UnableToDecide(
                _("There is nothing to undo: it was not approved, or it is undone already."),
                next_step=_("Open the request to see its state."),
            )
        if not may_undo(item, actor, now=now):
            raise UnableToDecide(
                _("You may not undo this."),
                meaning=_("Nothing was changed."),
                next_step=_("Ask a colleague who may decide it."),
            )
        _undo(item, actor=actor, reason=reason, now=now)
    return item


def end_unapproved(
    item: WaitingItem, state: WaitingState, *, actor: Actor, reason: str, now: datetime
) -> None:
    """End a locked item without an approval; an urgent act that is in force is undone."""
    was_in_force = item.is_in_force_alone
    by = "" if state == WaitingState.LAPSED else actor.ref
    _answer(item, state, by=by, reason=reason, now=now)
    if was_in_force:
        _undo(item, actor=actor, reason=reason, now=now)
    if item.kind != WaitingKind.APPROVAL:
        return
    ended = decision_named(item.decision).unapproved
    if ended and state != WaitingState.OVERTAKEN:
        import_string(ended)(act_of(item, actor=actor, now=now))


def _answer(item: WaitingItem, state: WaitingState, *, by: str, reason: str, now: datetime) -> None:
    item.state, item.answered_by, item.answered_at = state, by, now
    item.answer_reason = _stored(reason)
    item.save(update_fields=["state", "answered_by", "answered_at", "answer_reason"])
    if item.kind == WaitingKind.APPROVAL:
        mail_answer(item, now=now)


def _undo(item: WaitingItem, *, actor: Actor, reason: str, now: datetime) -> None:
    import_string(decision_named(item.decision).undo)(act_of(item, actor=actor, now=now))
    item.undone_by, item.undone_at, item.undo_reason = actor.ref, now, _stored(reason)
    item.save(update_fields=["undone_by", "undone_at", "undo_reason"])


def _stored(reason: str) -> str:
    return redact_person(clean(reason).strip())[:_LONGEST_REASON]


def _locked(ref: str) -> WaitingItem:
    item = (
        WaitingItem.objects.select_for_update().filter(ref=ref, kind=WaitingKind.APPROVAL).first()
    )
    if item is None:
        raise UnableToFindItem(
            _("There is no such request."),
            next_step=_("Check its reference, or open the list of approvals."),
        )
    return item


def _waiting(ref: str) -> WaitingItem:
    item = _locked(ref)
    if item.state != WaitingState.WAITING:
        raise UnableToDecide(
            _("This request does not wait any more."),
            meaning=_("Nothing was changed."),
            next_step=_("Open it to see its state."),
        )
    return item


def _refuse_decider(item: WaitingItem, actor: Actor, now: datetime) -> None:
    decision = decision_named(item.decision)
    if now >= item.due_at:
        raise UnableToDecide(
            _("The time to decide is over."),
            meaning=_("Nothing was done; silence never approves."),
            next_step=_("Request it again, if it is still needed."),
        )
    if actor.ref in item.excluded:
        other_deciders = deciders(item, now=now)
        raise UnableToDecide(
            _("This is your own request.")
            if actor.ref == item.asked_by
            else _("This is your own work, or it benefits you."),
            meaning=_("A second person decides what binds others."),
            next_step=_("Ask %(names)s to decide.") if other_deciders else NOBODY_ELSE,
            values={"names": ", ".join(other_deciders.values())},
        )
    if not covers(actor.brand, item.brands):
        raise UnableToDecide(
            _("This touches brands that you are not responsible for."),
            meaning=_("A person with authority for all of them decides."),
            next_step=_("Leave it to a colleague who is responsible for every brand."),
        )
    if not has_authority(decision, item, actor, now=now):
        raise UnableToDecide(
            _("Your role or your limit does not allow this decision."),
            meaning=_("Nothing was changed."),
            next_step=_("Leave it to a colleague who may decide it."),
        )


def _require_reason(reason: str) -> None:
    if not says_why(reason):
        raise UnableToDecide(
            _("This needs a reason."),
            meaning=_("Nothing was changed."),
            next_step=_("Write why in a sentence."),
        )
