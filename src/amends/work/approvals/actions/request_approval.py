"""Ask a second person for a decision that binds others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean, says_why
from amends.platform.registry import BindingDecision
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions.mail import mail_request
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.choices import AddresseeKind, Silence, WaitingState
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import act_of, decision_named

NO_SECOND_HOLD = timedelta(days=30)
"""After an urgent act lapsed without a decision, the same one does not take effect alone again."""
LONGEST_REASON = 400


class UnableToRequestApproval(Refused):
    """The actor may not ask, gives no reason, or it waits already."""

    code = "approval_not_asked"


def request_approval(
    decision: str,
    *,
    subject: Subject,
    reason: str,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    benefits: Iterable[str] = (),
    brands: Iterable[str] = (),
    urgent: bool = False,
) -> WaitingItem:
    """Request a declared decision; it waits until another person who may decide answers.

    payload   arguments of the act: strings, integers and lists of them
    benefits  references of colleagues who benefit or whose work it is: they never decide it
    brands    every brand it touches; none for the entire operator. The approver has authority for
              all of them
    urgent    put a protective act in force at once, for the hours the decision declares; without
              an approval it is undone

    Raises `UnableToRequestApproval`, and whatever the performer of an urgent act raises.
    """
    declared = decision_named(decision)
    refuse_asker(declared, actor)
    if not says_why(reason):
        raise UnableToRequestApproval(
            _("A request needs a reason."),
            meaning=_("Nothing was requested."),
            next_step=_("Write in a sentence why it is needed."),
        )
    if urgent and not declared.hold_hours:
        raise UnableToRequestApproval(
            _("This decision cannot take effect before it is approved."),
            meaning=_("Nothing was requested."),
            next_step=_("Request it without urgency."),
        )
    item = new_item(
        declared,
        subject=subject,
        reason=reason,
        requester=actor.ref,
        now=now,
        payload=payload,
        benefits=benefits,
        brands=brands,
    )
    with transaction.atomic():
        if urgent:
            _refuse_second_hold(item, now)
            end = min(now + timedelta(hours=declared.hold_hours), item.due_at)
            item.hold_hours = declared.hold_hours
            item.in_force_since, item.in_force_until, item.due_at = now, end, end
            item.on_silence = Silence.UNDONE
            perform = import_string(declared.at_once or declared.perform)
            item.outcome = perform(act_of(item, actor=actor, now=now, until=end)) or ""
        store_once(item)
        mail_request(item, now=now)
    return item


def refuse_asker(declared: BindingDecision, actor: Actor) -> None:
    """Refuse an actor who may not request it: a subscriber, a user of a partner, a wrong role."""
    if actor.kind == "system":
        return
    if actor.kind != "user" or actor.partner or not may(actor.roles, declared.asks):
        raise UnableToRequestApproval(
            _("Your role does not allow you to request this."),
            meaning=_("Nothing was requested."),
            next_step=_("Ask a colleague who may."),
        )


def new_item(
    declared: BindingDecision,
    *,
    subject: Subject,
    reason: str,
    requester: str,
    now: datetime,
    payload: Mapping[str, Any] | None,
    benefits: Iterable[str],
    brands: Iterable[str],
) -> WaitingItem:
    """The row of a request, not stored yet."""
    arguments = dict(payload or {})
    refuse_other_types(arguments)
    return WaitingItem(
        decision=declared.name,
        subject_kind=subject.kind,
        subject_key=subject.key,
        part=subject.part,
        subject_title=redact_person(clean(subject.title))[:200],
        subject_path=subject.path,
        brands=sorted(set(brands)),
        asked_by=requester,
        asked_at=now,
        reason=redact_person(clean(reason).strip())[:LONGEST_REASON],
        addressee_kind=AddresseeKind.PERMISSION,
        addressee=declared.decides,
        excluded=sorted({requester, *benefits} - {""}),
        payload=arguments,
        due_at=now + declared.deadline,
    )


def refuse_other_types(values: Mapping[str, Any]) -> None:
    """Payload and evidence consist of strings, integers and lists of them; else TypeError."""
    for name, value in values.items():
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, str | int):
                raise TypeError(f"{name}: only strings, integers and lists of them, not {part!r}")


def store_once(item: WaitingItem) -> None:
    """Store a request unless the same one waits already."""
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError as error:
        waits = WaitingItem.objects.filter(
            decision=item.decision,
            subject_kind=item.subject_kind,
            subject_key=item.subject_key,
            part=item.part,
            state=WaitingState.WAITING,
        )
        if not waits.exists():
            raise
        raise UnableToRequestApproval(
            _("This waits for an approval already."),
            meaning=_("Nothing was requested a second time."),
            next_step=_("Open the list of approvals to see who may decide."),
        ) from error


def _refuse_second_hold(item: WaitingItem, now: datetime) -> None:
    lapsed = WaitingItem.objects.filter(
        decision=item.decision,
        subject_kind=item.subject_kind,
        subject_key=item.subject_key,
        part=item.part,
        in_force_since__gt=now - NO_SECOND_HOLD,
        state__in=(WaitingState.LAPSED, WaitingState.WITHDRAWN, WaitingState.REFUSED),
    )
    if lapsed.exists():
        raise UnableToRequestApproval(
            _("It was in force without a second person before, and no one approved it."),
            meaning=_("It does not take effect without an approval again for 30 days."),
            next_step=_("Request it without urgency; a second person decides."),
        )
