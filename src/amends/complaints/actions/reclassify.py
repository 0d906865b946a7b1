"""Take words: what was not clear at first is classed anew by what the user has written since."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from amends.access.actors import system
from amends.classification.classify import Classification
from amends.complaints.actions.investigate import READY
from amends.complaints.actions.operator_model import classify_batch
from amends.complaints.actions.overrule import newest_of
from amends.complaints.actions.recount import by_rule, recount
from amends.complaints.models import Complaint, Contact, Event, Kind
from amends.database.rows import keys

DESK = system("desk")
BY_PERSON = "person"


def take_words(refs: Collection[str], *, now: datetime) -> list[str]:
    """Classify those of `refs` anew whose words did not say enough; which are clear now.

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
    clear = []
    for one in complaints:
        standing = decided.get(one.id)
        if standing is not None and standing.strength == BY_PERSON:
            continue
        found, model = _classified(one)
        if not found.ask:
            _set(one, found, model, now)
            clear.append(one.id)
    return clear


def _classified(complaint: Complaint) -> tuple[Classification, str]:
    """By all the words there are: the newest alone may be a name and a number to call."""
    said = Contact.objects.filter(complaint=complaint).order_by("received_at", "id")
    (found,), model = classify_batch(["\n".join(said.values_list("text", flat=True))])
    return found, model


def _set(complaint: Complaint, found: Classification, model: str, now: datetime) -> None:
    before, was = by_rule(complaint), complaint.code
    complaint.code, complaint.code2 = found.code, found.code2
    complaint.confidence_permille = round(found.confidence * 1000)
    complaint.because, complaint.classified_by = list(found.because), model
    complaint.ask_for_words, complaint.approval_role = False, ""
    complaint.verdict, complaint.amount_minor, complaint.may_act_alone = "", 0, False
    recount(complaint, before=before)
    complaint.save()
    Event.objects.create(
        complaint=complaint, at=now, verb="reclassified", actor=DESK.ref,
        details={"from": was, "to": found.code},
    )  # fmt: skip
