"""Approve what a colleague prepared, or request the approval of one's own work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import gettext_noop as _
from amends.work.approvals.actions import decide
from amends.work.approvals.actions.mail import mail_request
from amends.work.approvals.actions.request_approval import new_item, request_approval, store_once
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.choices import WaitingState
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import approvals_on, decision_named, has_authority

CHANGED = _("The subject changed after the request.")


def approve_or_request(
    decision: str,
    *,
    subject: Subject,
    reason: str,
    prepared_by: Sequence[str],
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    brands: Sequence[str] = (),
    answer: str = "",
) -> WaitingItem:
    """Approve a decision as the second person, in one step; or request it.

    answer       reason of the approval
    prepared_by  references of its authors, the last one first, who is the requester on record

    An actor with the authority who is not an author approves it, also where it waits already with
    the same payload; a request with another payload ends as no longer required. Any other actor
    requests it, and the state of the returned item is `waiting`.
    """
    declared, arguments = decision_named(decision), dict(payload or {})
    with transaction.atomic():
        for item in approvals_on(subject.kind, subject.key, decision=decision, part=subject.part):
            if item.payload == arguments:
                return decide.approve(item.ref, actor=actor, now=now, reason=answer)
            decide.overtake(
                subject.kind,
                subject.key,
                actor=actor,
                now=now,
                reason=CHANGED,
                decision=decision,
                part=subject.part,
            )
        item = new_item(
            declared,
            subject=subject,
            reason=reason,
            requester=next(iter(prepared_by), actor.ref),
            now=now,
            payload=arguments,
            benefits=prepared_by,
            brands=brands,
        )
        if actor.ref in item.excluded or not has_authority(declared, item, actor, now=now):
            return request_approval(
                decision,
                subject=subject,
                reason=reason,
                actor=actor,
                now=now,
                payload=arguments,
                benefits=prepared_by,
                brands=brands,
            )
        store_once(item)
        return decide.approve(item.ref, actor=actor, now=now, reason=answer)


def request_for(
    decision: str,
    *,
    subject: Subject,
    reason: str,
    prepared_by: Sequence[str],
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    brands: Sequence[str] = (),
) -> WaitingItem:
    """Store a request in the name of those who prepared it: their act was the request.

    prepared_by  references, of people or jobs; the first one is the requester on record
    """
    item = new_item(
        decision_named(decision),
        subject=subject,
        reason=reason,
        requester=prepared_by[0],
        now=now,
        payload=payload,
        benefits=prepared_by,
        brands=brands,
    )
    with transaction.atomic():
        store_once(item)
        mail_request(item, now=now)
    return item


def is_approved(item: WaitingItem) -> bool:
    """Whether a request was approved, and its act performed."""
    return item.state == WaitingState.APPROVED
