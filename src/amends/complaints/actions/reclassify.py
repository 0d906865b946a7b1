"""Classify again what was not clear at first: by what the user has written since, or by the second
opinion where many came at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from amends.access.actors import system
from amends.classification.classify import Classification
from amends.classification.semantic.head import shipped_head
from amends.complaints.actions.investigate import READY
from amends.complaints.actions.operator_model import (
    classify_batch,
    model_of_the_desk,
    spoken_by,
    vectors,
)
from amends.complaints.actions.overrule import newest_of
from amends.complaints.actions.recount import by_rule, recount
from amends.complaints.models import Complaint, Contact, Event, Kind
from amends.database.rows import keys

DESK = system("desk")
BY_PERSON = "person"


def reclassify_by_words(refs: Collection[str], *, now: datetime) -> list[str]:
    """Classify again those of `refs` whose text was not clear; returns those that are clear now.

    Their clocks follow the class, and what the rules suggested for the old one is dropped, so that
    they are looked at once more. What a person has corrected or decided is left to people. Inside
    the caller's transaction, after the new contact was stored.
    """
    wanted = {"id": set(refs), "ask_for_words": True, "is_open": True}
    if not (unclear := keys(Complaint, wanted)):
        return []
    rows = Complaint.objects.select_for_update().filter(
        id__in=unclear, ask_for_words=True, state__in=READY, kind=Kind.COMPLAINT, history=False
    )
    complaints = list(rows.order_by("received_at", "id"))
    decided = newest_of([one.id for one in complaints])
    left = [
        one for one in complaints
        if (current := decided.get(one.id)) is None or current.strength != BY_PERSON
    ]  # fmt: skip
    # Together: the second opinion takes a tenth of a second a text and is for one or two.
    answers, model = classify_batch([_words_of(one) for one in left])
    clear = []
    for one, found in zip(left, answers, strict=True):
        if not found.ask:
            _set(one, found, spoken_by(found, model), now)
            clear.append(one.id)
    return clear


def _words_of(complaint: Complaint) -> str:
    """All the words there are: the newest alone may be a name and a number to call."""
    said = Contact.objects.filter(complaint=complaint).order_by("received_at", "id")
    return "\n".join(said.values_list("text", flat=True))


def ask_meaning(*, now: datetime, limit: int) -> list[str]:
    """Ask the second opinion about what came in bulk and the model was not sure of; which changed.

    Each is asked once, before it is acknowledged. Without the extra nothing happens.
    """
    if vectors() is None:
        return []
    version = model_of_the_desk()[1]
    unsure = Complaint.objects.filter(
        state="received", is_open=True, history=False, kind=Kind.COMPLAINT,
        classified_by=version, confidence_permille__lt=round(shipped_head().ask_below * 1000),
    )  # fmt: skip
    waiting = list(unsure.order_by("state_since", "id").values_list("id", flat=True)[:limit])
    said = dict(
        Contact.objects.filter(complaint__in=waiting)
        .order_by("complaint", "-received_at", "-id")
        .values_list("complaint", "text")
    )
    answers, _ = classify_batch([said[ref] for ref in said], with_meaning=True)
    spoken = {ref: one for ref, one in zip(said, answers, strict=True) if one.by_meaning}
    changed = []
    with transaction.atomic():
        for one in unsure.select_for_update(skip_locked=True).filter(id__in=list(spoken)):
            if one.code != spoken[one.id].code:
                changed.append(one.id)
            _set(one, spoken[one.id], spoken_by(spoken[one.id], version), now)
    return changed


def _set(complaint: Complaint, found: Classification, model: str, now: datetime) -> None:
    before, was = by_rule(complaint), complaint.code
    complaint.code, complaint.code2 = found.code, found.code2
    complaint.confidence_permille = round(found.confidence * 1000)
    complaint.because, complaint.classified_by = list(found.because), model
    complaint.ask_for_words, complaint.approval_role = found.ask, ""
    complaint.verdict, complaint.amount_minor, complaint.may_act_alone = "", 0, False
    recount(complaint, before=before)
    complaint.save()
    if was != found.code:
        Event.objects.create(
            complaint=complaint, at=now, verb="reclassified", actor=DESK.ref,
            details={"from": was, "to": found.code},
        )  # fmt: skip
