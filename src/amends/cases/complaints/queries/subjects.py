"""Subjects of complaints, recognised in the text or picked by people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from amends.cases.complaints.models import Complaint, RecordedSubject, SubjectState
from amends.engines.classification.subjects import SubjectKind
from amends.engines.decisions.evidence import NamedService
from amends.platform.database.prepared_queries import PreparedQuery
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import offer_kinds

__all__ = [
    "RecordedSubject",
    "SubjectState",
    "named_services",
    "subjects_and_answer",
    "subjects_of",
]

_SUBJECTS = PreparedQuery(
    lambda ref: (
        RecordedSubject.objects.filter(complaint=ref)
        .exclude(state=SubjectState.REMOVED.value)
        .order_by("id")
    )
)
_SUBJECT = (
    "id",
    "kind",
    "ref",
    "name_zh",
    "name_en",
    "confidence_permille",
    "state",
    "source",
    "at",
)
_SUBJECTS_AND_ANSWER = PreparedQuery(
    lambda ref: (
        Complaint.objects.filter(id=ref)
        .order_by("subjects__id")
        .values_list("complainant__answer_on", *(f"subjects__{name}" for name in _SUBJECT))
    )
)
ADD_ONS = frozenset(("value_added", "subscription", "gift"))
"""Kinds of offers that are ordered by themselves; a tariff or a line may be mere context."""


def subjects_of(ref: str) -> list[RecordedSubject]:
    """The subjects of a complaint without those that a person removed."""
    return _SUBJECTS.rows(ref)


def subjects_and_answer(ref: str) -> tuple[list[RecordedSubject], str]:
    """The result of `subjects_of`, and where the customer is answered, in one statement."""
    rows = _SUBJECTS_AND_ANSWER.rows(ref)
    subjects = [
        RecordedSubject(complaint_id=ref, **dict(zip(_SUBJECT, values, strict=True)))
        for _, *values in rows
        if values[0] is not None
    ]
    remaining = [row for row in subjects if row.state != SubjectState.REMOVED]
    return remaining, next((answer_on for answer_on, *_ in rows), "") or ""


def named_services(refs: Collection[str]) -> dict[str, tuple[NamedService, ...]]:
    """Complaint → the services it names, itself or in a complaint that was merged into it."""
    services: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for part in slices(list(refs)):
        rows = RecordedSubject.objects.filter(
            Q(complaint__in=part) | Q(complaint__merged_into__in=part), kind=SubjectKind.SERVICE
        ).exclude(state=SubjectState.REMOVED)
        for ref, into, offer, zh, en in rows.order_by("id").values_list(
            "complaint_id", "complaint__merged_into_id", "ref", "name_zh", "name_en"
        ):
            services[into or ref].setdefault(offer, (zh, en))
    kinds = offer_kinds() if services else {}
    return {
        ref: tuple(
            NamedService(
                offer=offer, zh=zh, en=en, is_line=kinds.get(offer, ("", ""))[0] not in ADD_ONS
            )
            for offer, (zh, en) in named.items()
        )
        for ref, named in services.items()
    }
