"""Questions to customers: asked, then answered, withdrawn, or no longer required."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.choices import AddresseeKind, WaitingKind, WaitingState
from amends.work.approvals.models import WaitingItem

CUSTOMER = "customer"
"""Addressee of every question; the subject identifies the customer."""


def ask_customer(
    subject: Subject, *, due_at: datetime, brands: Collection[str], actor: Actor, now: datetime
) -> WaitingItem:
    """Store that a customer was asked something about a subject.

    subject  its `part` is the reference of the letter with the question; the text is stored there
    due_at   until when the answer is expected; afterwards the question lapses
    """
    return WaitingItem.objects.create(
        kind=WaitingKind.QUESTION,
        subject_kind=subject.kind,
        subject_key=subject.key,
        part=subject.part,
        subject_title=subject.title,
        subject_path=subject.path,
        brands=sorted(brands),
        asked_by=actor.ref,
        asked_at=now,
        addressee_kind=AddresseeKind.CUSTOMER,
        addressee=CUSTOMER,
        due_at=due_at,
    )


def end_questions(
    kind: str, keys: Collection[str], state: WaitingState, *, by: str, now: datetime
) -> int:
    """End the questions that wait on some subjects; how many.

    state  answered, withdrawn by a colleague, or overtaken
    by     reference of who ended them
    """
    return WaitingItem.objects.filter(
        kind=WaitingKind.QUESTION,
        subject_kind=kind,
        subject_key__in=keys,
        state=WaitingState.WAITING,
    ).update(state=state, answered_by=by, answered_at=now)
