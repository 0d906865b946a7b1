"""Forget complaints: their words, files, letters and addresses go; that they were, stays.

What is left can be counted (class, dates, state, verdict, amount, rule) and says nothing of whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.models import (
    Attachment,
    Challenge,
    Complainant,
    Complaint,
    ComplaintMerge,
    Contact,
    Decision,
    Event,
    Handover,
    IdentityRequest,
    Outcome,
    PendingApproval,
    RecordedSubject,
    Reply,
)
from amends.cases.complaints.queries.attachments import FILES
from amends.channels.queries.contacts import of_addresses
from amends.engines.classification.subjects import SubjectKind
from amends.platform.database.rows import update
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import Period
from amends.platform.registry import Erasure
from amends.platform.vault import stored_files
from amends.work.casework.actions.forget import forget_words

TABLES = tuple(
    model._meta.db_table
    for model in (
        Attachment,
        Challenge,
        Complainant,
        Complaint,
        Contact,
        Decision,
        Event,
        Handover,
        IdentityRequest,
        Outcome,
        PendingApproval,
        Reply,
    )
)


_OF_MANY = (SubjectKind.SERVICE, SubjectKind.AREA)
"""Kinds of subjects that say nothing of the person."""


def complaints_about(subscriber: str, *, addresses: Iterable[tuple[str, Period]] = ()) -> list[str]:
    """The complaints of a person: under the pseudonym, or from an address nobody was known by.

    addresses  each with a time while it was theirs; what came from it before or after is another
               person's
    """
    of_address = of_addresses(addresses, index="person", moment="received_at")
    rows = Complaint.objects.filter(Q(subscriber=subscriber) | Q(of_address, subscriber=""))
    return list(rows.order_by("received_at", "id").values_list("id", flat=True))


def with_open(subscribers: Sequence[str]) -> set[str]:
    """Those of some people who still wait for the answer to a complaint."""
    rows = Complaint.objects.filter(subscriber__in=subscribers, is_open=True, history=False)
    return set(rows.values_list("subscriber", flat=True))


def open_among(refs: Sequence[str]) -> list[str]:
    """The tracking codes of those that are still open."""
    rows = Complaint.objects.filter(id__in=refs, is_open=True)
    return list(rows.order_by("received_at", "id").values_list("code_public", flat=True))


def erase(erasure: Erasure) -> int:
    """Empty the complaints of a person; how many. Raises Refused if one is still open."""
    return forget(erasure.complaints, actor=erasure.actor, now=erasure.now)


def forget(refs: Sequence[str], *, actor: Actor, now: datetime) -> int:
    """Empty what the person wrote and what was written to them; how many complaints.

    Raises Refused for all if one of them is open. Inside the caller's transaction the bytes
    of files go when it commits; their keys are gone with it. Twice is the same as once.
    """
    if still_open := open_among(refs):
        raise Refused(
            gettext("Complaints still open: %(count)s (%(codes)s).")
            % {"count": len(still_open), "codes": ", ".join(still_open[:5])},
            meaning=_("Nothing was forgotten."),
            next_step=_("Answer them, or withdraw them at the person's wish, then try again."),
            code="complaint_open",
        )
    with transaction.atomic():
        _forget_files(refs)
        Complainant.objects.filter(complaint__in=refs).delete()
        Challenge.objects.filter(complaint__in=refs).delete()
        IdentityRequest.objects.filter(complaint__in=refs).delete()
        RecordedSubject.objects.filter(complaint__in=refs).exclude(kind__in=_OF_MANY).delete()
        Contact.objects.filter(complaint__in=refs).update(text="", original=b"")
        Reply.objects.filter(complaint__in=refs).update(subject_sealed=b"", body_sealed=b"")
        Outcome.objects.filter(complaint__in=refs).update(words="")
        Event.objects.filter(complaint__in=refs).update(reason="")
        ComplaintMerge.objects.filter(merged__in=refs).update(reason="")
        _forget_reasons(refs)
        forget_words("complaint", refs)
        forgotten = Complaint.objects.filter(id__in=refs).update(
            person="",
            person_shown="",
            first_words="",
            wanted="",
            text_print=0,
            because=[],
            outcome_ask_at=None,
        )
        kept_refs = set(
            Event.objects.filter(complaint__in=refs, verb="forgotten").values_list(
                "complaint_id", flat=True
            )
        )
        Event.objects.bulk_create(
            Event(complaint_id=ref, at=now, verb="forgotten", actor=actor.ref)
            for ref in refs
            if ref not in kept_refs
        )
    return forgotten


def _forget_files(refs: Sequence[str]) -> None:
    paths = []
    for files in (
        Attachment.objects.filter(contact__complaint__in=refs),
        Handover.objects.filter(complaint__in=refs),
    ):
        paths += [FILES.path(ref) for ref in files.values_list("id", flat=True)]
        files.delete()
    transaction.on_commit(partial(stored_files.remove_all, paths))


def _forget_reasons(refs: Sequence[str]) -> None:
    """A decision keeps what the rules said; what a person typed goes."""
    typed = Decision.objects.filter(complaint__in=refs).exclude(reason="", customer_text="")
    changed = list(typed)
    for decision in changed:
        decision.decision = _without(decision.decision, decision.customer_text)
        decision.reason = decision.customer_text = ""
    update(changed, ["decision", "reason", "customer_text"])


def _without(document: Any, secret: str) -> Any:
    """The document with every text that is `words` emptied."""
    if isinstance(document, dict):
        return {name: _without(value, secret) for name, value in document.items()}
    if isinstance(document, list):
        return [_without(value, secret) for value in document]
    return "" if document == secret else document
