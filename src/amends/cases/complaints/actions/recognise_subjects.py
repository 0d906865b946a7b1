"""Recognise what complaints are about at intake, and store it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from amends.cases.complaints.models import RecordedSubject, SubjectState
from amends.cases.complaints.queries.subjects import ADD_ONS
from amends.engines.classification.subjects import (
    ComplaintSubject,
    PickedSubject,
    RecognisedSubject,
    SubjectKind,
    SubjectName,
    recognise,
)
from amends.network.quality.queries import codes_named_in
from amends.people.subscribers.queries import services_of_many
from amends.platform.database.rows import insert
from amends.record.catalogue.queries import areas, every_offer_name, offer_kinds

TextWithPicks = tuple[str, str, str, Sequence[PickedSubject]]
"""A text, the pseudonym of its subscriber ("" for none), the service its channel knows ("" for
none), and what the person picked."""

FROM_TEXT, FROM_CHANNEL = "text", "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEntry:
    """A subject as it is stored; `confidence` is 0-1; `is_add_on`: a service ordered by itself."""

    subject: ComplaintSubject
    name_zh: str
    name_en: str
    confidence: float
    is_confirmed: bool
    is_add_on: bool = False


def recognise_subjects(texts: Sequence[TextWithPicks]) -> list[list[SubjectEntry]]:
    """The subjects of each text, those that the person or the channel picked first.

    Where offers share a name, those that the subscriber has or had count alone.
    """
    newest_names, names = _names()
    recognised = [recognise(text, names) for text, *_ in texts]
    people = {
        pseudonym
        for (_, pseudonym, service, _), subjects in zip(texts, recognised, strict=True)
        if pseudonym and (service or any(each.confidence < 1 for each in subjects))
    }
    services = services_of_many(people) if people else {}
    entries: list[list[SubjectEntry]] = []
    for (text, pseudonym, service, picked), subjects in zip(texts, recognised, strict=True):
        own = services.get(pseudonym, ())
        by_key = {
            each.subject.key: SubjectEntry(
                subject=each.subject,
                name_zh=each.name_zh,
                name_en=each.name_en,
                confidence=1.0,
                is_confirmed=True,
            )
            for each in (
                *picked,
                *_of_channel(service, {row.ref: row.offer for row in own}, newest_names),
            )
        }
        for each in _own_first(subjects, {row.offer for row in own}):
            zh, en = newest_names[each.subject]
            by_key.setdefault(
                each.subject.key,
                SubjectEntry(
                    subject=each.subject,
                    name_zh=zh,
                    name_en=en,
                    confidence=each.confidence,
                    is_confirmed=False,
                ),
            )
        for entry in _tests_in(text):
            by_key.setdefault(entry.subject.key, entry)
        entries.append(list(by_key.values()))
    kinds = offer_kinds() if any(entries) else {}
    return [
        [
            replace(entry, is_add_on=kinds.get(entry.subject.ref, ("", ""))[0] in ADD_ONS)
            if entry.subject.kind == SubjectKind.SERVICE
            else entry
            for entry in listed
        ]
        for listed in entries
    ]


def product_in(entries: Sequence[SubjectEntry]) -> str:
    """The offer that a new complaint counts for until it is investigated; "" for none."""
    add_ons = [entry for entry in entries if entry.is_add_on]
    first = min(add_ons, key=lambda entry: not entry.is_confirmed, default=None)
    return first.subject.ref if first else ""


def store_subjects(
    subjects: Iterable[tuple[str, Sequence[SubjectEntry]]], *, now: datetime
) -> None:
    """Store subjects of complaints; what a complaint has already, or a person removed, stays."""
    rows = [(complaint, entry) for complaint, entries in subjects for entry in entries]
    insert(
        RecordedSubject,
        {
            "complaint_id": [complaint for complaint, _ in rows],
            "kind": [entry.subject.kind.value for _, entry in rows],
            "ref": [entry.subject.ref for _, entry in rows],
            "name_zh": [entry.name_zh[:160] for _, entry in rows],
            "name_en": [entry.name_en[:160] for _, entry in rows],
            "confidence_permille": [round(entry.confidence * 1000) for _, entry in rows],
            "state": [
                (SubjectState.CONFIRMED if entry.is_confirmed else SubjectState.RECOGNISED).value
                for _, entry in rows
            ],
            "source": [FROM_CHANNEL if entry.is_confirmed else FROM_TEXT for _, entry in rows],
            "at": [now] * len(rows),
        },
        or_leave=True,
    )


def _names() -> tuple[dict[ComplaintSubject, tuple[str, str]], tuple[SubjectName, ...]]:
    """The newest names of offers and areas, and all names they have or had."""
    newest: dict[ComplaintSubject, tuple[str, str]] = {}
    names: dict[SubjectName, None] = {}
    for ref, zh, en in every_offer_name():
        subject = ComplaintSubject(SubjectKind.SERVICE, ref)
        newest[subject] = (zh or en, en or zh)
        names |= {SubjectName(name, subject): None for name in (zh, en) if name}
    for area in areas():
        subject = ComplaintSubject(SubjectKind.AREA, area.code)
        newest[subject] = (area.name_zh, area.name_en)
        names |= {SubjectName(name, subject): None for name in newest[subject] if name}
    return newest, tuple(names)


def _tests_in(text: str) -> list[SubjectEntry]:
    """The speed tests and series on record whose codes are in the text; nothing is attached."""
    return [
        SubjectEntry(
            subject=ComplaintSubject(SubjectKind.TEST, code),
            name_zh=f"测速 {code}",
            name_en=f"Speed test {code}",
            confidence=1.0,
            is_confirmed=False,
        )
        for code in codes_named_in(text)
    ]


def _own_first(
    subjects: Sequence[RecognisedSubject], offers: set[str]
) -> Iterable[RecognisedSubject]:
    """The subjects without those that share a name with an offer of the subscriber."""
    own_names = {
        each.name
        for each in subjects
        if each.subject.kind == SubjectKind.SERVICE and each.subject.ref in offers
    }
    for each in subjects:
        is_own = each.subject.kind == SubjectKind.SERVICE and each.subject.ref in offers
        if each.confidence == 1 or is_own or each.name not in own_names:
            yield each


def _of_channel(
    service: str,
    offers: dict[str, str],
    names: dict[ComplaintSubject, tuple[str, str]],
) -> list[PickedSubject]:
    """The offer of the service that the channel knows the complaint is about."""
    subject = ComplaintSubject(SubjectKind.SERVICE, offers.get(service, ""))
    if subject not in names:
        return []
    zh, en = names[subject]
    return [PickedSubject(subject=subject, name_zh=zh, name_en=en)]
