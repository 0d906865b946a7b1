"""Classify again: by what the user has written since, or by the second opinion."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet

from amends.cases.complaints.actions.investigate import READY
from amends.cases.complaints.actions.operator_model import (
    classify_batch,
    model_of_the_desk,
    plausible_permille,
    second_opinion_due,
    vectors,
    version_label,
)
from amends.cases.complaints.actions.recount import by_rule, recount
from amends.cases.complaints.models import Complaint, Contact, Event, Kind
from amends.cases.complaints.queries.status import newest_decisions
from amends.engines.classification.classify import Classification
from amends.platform.database.rows import keys
from amends.platform.kit.actors import system

DESK = system("desk")
BY_PERSON = "person"
ASKED_TOGETHER = 4
"""A batch is written when its texts are read: what a killed pass loses is small."""


def reclassify_by_words(refs: Collection[str], *, now: datetime) -> list[str]:
    """Classify again those of `refs` whose text was not clear; returns those that are clear now.

    Their clocks follow the class, and what the rules suggested for the old one is dropped, so that
    they are looked at once more. What a person has corrected or decided is left to people. Inside
    the caller's transaction, after the new contact was stored; the jobs ask the second opinion.
    """
    wanted: dict[str, Collection[str] | bool] = {
        "id": set(refs),
        "ask_for_words": True,
        "is_open": True,
    }
    if not (unclear := keys(Complaint, wanted)):
        return []
    left = _open_to_rules(Complaint.objects.filter(id__in=unclear, ask_for_words=True))
    texts_by_id = _words_of([complaint.id for complaint in left])
    answers, model = classify_batch([texts_by_id[complaint.id] for complaint in left])
    clear = []
    for complaint, classified in zip(left, answers, strict=True):
        complaint.second_opinion_due = second_opinion_due(classified)
        if classified.ask:
            complaint.save(update_fields=["second_opinion_due"])
        else:
            _set(complaint, classified, version_label(classified, model), now)
            clear.append(complaint.id)
    return clear


def ask_second_opinion(*, now: datetime, seconds: float) -> list[str]:
    """Ask the second opinion about complaints it is due for, until `seconds` have passed.

    Returns those it was asked about. The newest come first: somebody who has just filed a
    complaint does not wait behind an import of thousands. A complaint that is decided, or was
    corrected by a person, keeps its class. Where the second opinion does not answer, the model's
    class stands.
    """
    refs_asked: list[str] = []
    until = time.monotonic() + seconds
    while vectors() is not None and time.monotonic() < until:
        due_complaints = Complaint.objects.filter(second_opinion_due=True).order_by(
            "-recorded_at", "-id"
        )
        refs = list(due_complaints.values_list("id", flat=True)[:ASKED_TOGETHER])
        if not refs:
            break
        _ask_about(refs, now)
        refs_asked += refs
    return refs_asked


def _ask_about(refs: Sequence[str], now: datetime) -> None:
    version = model_of_the_desk()[1]
    texts_by_ref = _words_of(refs)
    answers, _ = classify_batch([texts_by_ref[ref] for ref in texts_by_ref], with_meaning=True)
    spoken = {
        ref: classified
        for ref, classified in zip(texts_by_ref, answers, strict=True)
        if classified.by_meaning
    }
    with transaction.atomic():
        # In the order in which investigating locks them: two that lock never wait in a ring.
        rows = Complaint.objects.select_for_update().filter(id__in=refs)
        list(rows.order_by("received_at", "id").values_list("id"))
        of_model = Complaint.objects.filter(id__in=list(spoken), classified_by=version)
        for complaint in _open_to_rules(of_model.filter(second_opinion_due=True)):
            _set(complaint, spoken[complaint.id], version_label(spoken[complaint.id], version), now)
        Complaint.objects.filter(id__in=refs).update(second_opinion_due=False)


def _open_to_rules(complaints: QuerySet[Complaint]) -> list[Complaint]:
    """Those, locked, whose class rules may still change: nothing was sent, no person decided."""
    rows = complaints.select_for_update().filter(
        is_open=True, state__in=READY, kind=Kind.COMPLAINT, history=False
    )
    locked_complaints = list(rows.order_by("received_at", "id"))
    decided = newest_decisions([complaint.id for complaint in locked_complaints])
    return [
        complaint
        for complaint in locked_complaints
        if (current := decided.get(complaint.id)) is None or current.strength != BY_PERSON
    ]


def _words_of(refs: Collection[str]) -> dict[str, str]:
    """All the words of each complaint: the newest alone may be a name and a number to call."""
    contacts = Contact.objects.filter(complaint__in=refs).order_by("complaint", "received_at", "id")
    rows = groupby(contacts.values_list("complaint", "text"), key=lambda row: row[0])
    return {ref: "\n".join(text for _, text in texts) for ref, texts in rows}


def _set(complaint: Complaint, classification: Classification, model: str, now: datetime) -> None:
    was, before = (
        complaint.code,
        by_rule(complaint) if complaint.code != classification.code else [],
    )
    if (classification.code, classification.code2, classification.ask) != (
        was,
        complaint.code2,
        complaint.ask_for_words,
    ):
        complaint.approval_role = ""
        complaint.verdict, complaint.amount_minor, complaint.may_act_alone = "", 0, False
    complaint.code, complaint.code2 = classification.code, classification.code2
    complaint.confidence_permille = round(classification.confidence * 1000)
    complaint.plausible = plausible_permille(classification)
    complaint.because, complaint.classified_by = list(classification.cues), model
    complaint.ask_for_words = classification.ask
    if was != classification.code and by_rule(complaint) != before:
        recount(complaint, before=before)
    complaint.save()
    if was != classification.code:
        Event.objects.create(
            complaint=complaint,
            at=now,
            verb="reclassified",
            actor=DESK.ref,
            details={"from": was, "to": classification.code},
        )
