"""Complaints as columns, for those who count them: no words and nobody's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from amends.cases.complaints.models import (
    Clock,
    Complaint,
    Contact,
    DecidedBy,
    Decision,
    Event,
    Outcome,
    Reply,
)
from amends.platform.database.columns import fetch, read
from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.batches import slices

_PLAIN = (
    "id",
    "received_at",
    "code",
    "area",
    "product",
    "channel",
    "brand",
    "verdict",
    "state",
    "first_resolved_at",
    "reopened_count",
    "amount_minor",
    "currency",
    "history",
)
COLUMNS = (*_PLAIN, "late", "decided_by_rule", "ruled", "overruled", "outcome", "satisfaction")
PIECE = 2_000
"""Rows of which the columns are held at once: as objects a row takes two kilobytes."""


def complaint_columns(
    *, start: datetime, end: datetime, brand: str = ""
) -> Iterator[dict[str, list[Any]]]:
    """One entry in each column for each complaint received in `[start, end)`, history too;
    enquiries are contacts and do not count. In pieces, one at least; the last may be empty.

    late             a legal deadline passed before its step was done
    decided_by_rule  a rule made the last decision and had it carried out, without a person
    ruled            a rule gave the last verdict; `overruled`: a person set it aside
    outcome          what the complainant answered last when asked weeks later, "" for nothing
    satisfaction     1 to 5 with that answer, None where it was not said
    """
    rows = Complaint.objects.filter(kind="complaint", received_at__gte=start, received_at__lt=end)
    if brand:
        rows = rows.filter(brand=brand)
    return _pieces(rows, _outcomes(start, end))


def complaint_columns_of(refs: Sequence[str]) -> dict[str, list[Any]]:
    """The same of these complaints, in no order; enquiries among them are left out."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for part in slices(refs):
        rows = Complaint.objects.filter(kind="complaint", id__in=part)
        answered = Outcome.objects.filter(complaint_id__in=part, answered_at__isnull=False)
        for piece in _pieces(rows, _answers(answered)):
            for name, values in piece.items():
                columns[name] += values
    return columns


def moved_since(*, complaints: str, events: str, most: int) -> tuple[list[str], str, str]:
    """Complaints that came after the id `complaints` or to which something happened after the event
    `events`, at most about `most`, and how far that goes: the newest ids taken in of both.
    """
    came = Complaint.objects.filter(id__gt=complaints).order_by("id").values_list("id", flat=True)
    events_ = Event.objects.filter(id__gt=events).order_by("id")
    new, happened = list(came[:most]), list(events_.values_list("id", "complaint_id")[:most])
    refs = dict.fromkeys([*new, *(ref for _, ref in happened)])
    return list(refs), new[-1] if new else complaints, happened[-1][0] if happened else events


def _pieces(
    rows: QuerySet[Complaint], answers: dict[str, tuple[str, int | None]]
) -> Iterator[dict[str, list[Any]]]:
    clocks = Clock.objects.filter(complaint=OuterRef("pk"), breached_at__isnull=False)
    # A decision replaced by a new investigation or by a person says nothing about the current one.
    newest = Decision.objects.filter(complaint=OuterRef("pk")).order_by("-at", "-id")
    complaint_rows = (
        rows.order_by("received_at", "id")
        .annotate(
            late=Exists(clocks),
            decided_by=Subquery(newest.values("decided_by")[:1]),
            rule=Subquery(newest.values("rule")[:1]),
            before=Subquery(newest.values("overrules")[:1]),
        )
        .values_list(*_PLAIN, "late", "decided_by", "rule", "before")
    )
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for *plain, late, decided_by, rule, before in complaint_rows.iterator(chunk_size=PIECE):
        if len(columns["id"]) == PIECE:
            yield columns
            columns = {name: [] for name in COLUMNS}
        answer_fields = answers.get(plain[0], ("", None))
        row = (
            *plain,
            late,
            decided_by == DecidedBy.RULE,
            bool(rule),
            bool(rule and before),
            *answer_fields,
        )
        for name, value in zip(COLUMNS, row, strict=True):
            columns[name].append(value)
    yield columns


@once_per_request
def complaint_count(*, start: datetime, end: datetime, brand: str = "") -> int:
    """How many rows `complaint_columns` would have."""
    rows = Complaint.objects.filter(kind="complaint", received_at__gte=start, received_at__lt=end)
    return (rows.filter(brand=brand) if brand else rows).count()


def _outcomes(start: datetime, end: datetime) -> dict[str, tuple[str, int | None]]:
    """Complaint received in `[start, end)` → its last answer."""
    rows = Outcome.objects.filter(
        complaint__received_at__gte=start, complaint__received_at__lt=end, answered_at__isnull=False
    )
    return _answers(rows)


def _answers(rows: QuerySet[Outcome]) -> dict[str, tuple[str, int | None]]:
    rows = rows.order_by("answered_at", "id")
    answer_rows = rows.values_list("complaint_id", "answer", "satisfaction")
    return {
        ref: (answer, content) for ref, answer, content in answer_rows.iterator(chunk_size=10_000)
    }


CONTACTED_BY = ("channel", "area", "product", "code", "brand")


def contacts_by(
    dimension: str, *, start: datetime, end: datetime, brand: str = ""
) -> dict[str, dict[str, int]]:
    """Value of `dimension` (see `CONTACTED_BY`) → {"complaint": n, "enquiry": n}: contacts received
    in `[start, end)`, each once; by their own channel, else by what their complaint is about."""
    rows = Contact.objects.filter(received_at__gte=start, received_at__lt=end)
    if brand:
        rows = rows.filter(complaint__brand=brand)
    dimension_field = dimension if dimension == "channel" else f"complaint__{dimension}"
    counted = (
        rows.order_by().values_list(dimension_field, "complaint__kind").annotate(n=Count("id"))
    )
    counts_by_unit: dict[str, dict[str, int]] = {}
    for unit, kind, number in counted:
        counts_by_unit.setdefault(unit, {"complaint": 0, "enquiry": 0})[kind] += number
    return counts_by_unit


def escalated_to_regulator(*, start: datetime, end: datetime, brand: str = "") -> dict[str, int]:
    """Product, "" where none is known → complaints that went to the regulator's body in
    `[start, end)`."""
    rows = Event.objects.filter(to_state="with_regulator", at__gte=start, at__lt=end)
    if brand:
        rows = rows.filter(complaint__brand=brand)
    counted = rows.order_by().values_list("complaint__product")
    return dict(counted.annotate(n=Count("complaint_id", distinct=True)))


def first_words(refs: Sequence[str], *, brand: str = "") -> dict[str, tuple[str, str]]:
    """Complaint → its tracking code and its first words, masked; of one brand if one is given."""
    rows = Complaint.objects.filter(id__in=refs)
    rows = rows.filter(brand=brand) if brand else rows
    text_rows = rows.values_list("id", "code_public", "first_words")
    return {ref: (code, text) for ref, code, text in text_rows}


def persons_of(refs: Sequence[str]) -> dict[str, str]:
    """Complaint → who complains: a blind index, or the complaint itself where nobody was named."""
    persons: dict[str, str] = {}
    for part in slices(refs):
        rows = Complaint.objects.filter(id__in=part)
        for ref, person in rows.values_list("id", "person"):
            persons[ref] = person or ref
    return persons


CELL_COLUMNS = (
    "id",
    "received_at",
    "kind",
    "code",
    "area",
    "product",
    "channel",
    "brand",
    "person",
    "text_print",
    "history",
)
_CHANGED = ("corrected", "reclassified", "taken_as_complaint", "forgotten", "investigate")
"""Events after which a complaint may count in another cell, or as another person."""


def cells_between(*, start: datetime, end: datetime) -> Callable[[], pl.DataFrame]:
    """What each complaint and enquiry received in `[start, end)` counts by, history too: fetched,
    and made a frame when it is called, in any thread."""
    rows = Complaint.objects.filter(received_at__gte=start, received_at__lt=end)
    return fetch(rows, CELL_COLUMNS)


def changes_since(*, complaints: str, events: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Ids of complaints that came after the id `complaints`, and, after the event `events`, each
    event after which a complaint may count otherwise with its complaint; both in order.
    """
    came = Complaint.objects.filter(id__gt=complaints).order_by("id").values_list("id", flat=True)
    changed = Event.objects.filter(id__gt=events, verb__in=_CHANGED).order_by("id")
    return list(came), list(changed.values_list("id", "complaint_id"))


def cells_of(refs: Sequence[str]) -> pl.DataFrame:
    """What these complaints and enquiries count by."""
    parts = [read(Complaint.objects.filter(id__in=part), CELL_COLUMNS) for part in slices(refs)]
    return pl.concat(parts) if parts else read(Complaint.objects.none(), CELL_COLUMNS)


def cells_from(first: str) -> pl.DataFrame:
    """What the complaint with the id `first` and all with greater ids count by."""
    return read(Complaint.objects.filter(id__gte=first), CELL_COLUMNS)


def newest_marks() -> tuple[str, str]:
    """The greatest ids of a complaint and of an event, "" where there is none."""
    complaint = Complaint.objects.order_by("-id").values_list("id", flat=True).first()
    event = Event.objects.order_by("-id").values_list("id", flat=True).first()
    return complaint or "", event or ""


def received_from_to() -> tuple[datetime | None, datetime | None]:
    """When the first and the last complaint came."""
    bounds = Complaint.objects.aggregate(first=Min("received_at"), last=Max("received_at"))
    return bounds["first"], bounds["last"]


def first_received_from(moment: datetime) -> datetime | None:
    """When the first complaint or enquiry at or after `moment` came."""
    later = Complaint.objects.filter(received_at__gte=moment).order_by("received_at")
    return later.values_list("received_at", flat=True).first()


def received_and_whose(refs: Sequence[str]) -> dict[str, tuple[datetime, str]]:
    """Complaint → when it came and whose subscriber's it is ("" where nobody is known)."""
    received: dict[str, tuple[datetime, str]] = {}
    for part in slices(refs):
        rows = Complaint.objects.filter(id__in=part)
        for ref, at, subscriber in rows.values_list("id", "received_at", "subscriber"):
            received[ref] = (at, subscriber)
    return received


def brands_of(refs: Sequence[str]) -> dict[str, str]:
    """Complaint → its brand, "" for none."""
    brands: dict[str, str] = {}
    for part in slices(refs):
        brands.update(Complaint.objects.filter(id__in=part).values_list("id", "brand"))
    return brands


def complaints_called(codes: Sequence[str]) -> dict[str, str]:
    """Tracking code or our own reference → complaint; enquiries and unknown ones are absent."""
    refs_by_code: dict[str, str] = {}
    for part in slices(codes):
        rows = Complaint.objects.filter(kind="complaint")
        named = rows.filter(
            Q(code_public__in=[code_or_ref.upper() for code_or_ref in part]) | Q(id__in=part)
        )
        for ref, code in named.values_list("id", "code_public"):
            refs_by_code |= {
                code_or_ref: ref
                for code_or_ref in part
                if code_or_ref.upper() == code or code_or_ref == ref
            }
    return refs_by_code


def masked_texts(refs: Sequence[str]) -> dict[str, str]:
    """Complaint → its first contact's masked words; forgotten ones are absent."""
    texts_by_ref: dict[str, str] = {}
    for part in slices(refs):
        contacts = Contact.objects.filter(complaint_id__in=part)
        for ref, text in contacts.order_by("-received_at", "-id").values_list(
            "complaint_id", "text"
        ):
            if text:
                texts_by_ref[ref] = text
    return texts_by_ref


def areas_of_complaints(refs: Sequence[str]) -> dict[str, str]:
    """Complaint → its area, for those that have one."""
    areas: dict[str, str] = {}
    for part in slices(refs):
        with_area = Complaint.objects.filter(id__in=part).exclude(area="")
        areas.update(with_area.values_list("id", "area"))
    return areas


def first_answers_by_channel(
    *, start: datetime, end: datetime, brand: str = ""
) -> dict[str, tuple[int, ...]]:
    """Channel → seconds from receipt to the first answer in substance, of complaints received in
    `[start, end)` that have one; an acknowledgement does not count."""
    rows = Reply.objects.filter(
        complaint__received_at__gte=start,
        complaint__received_at__lt=end,
        complaint__history=False,
        posted_at__isnull=False,
    ).exclude(kind="acknowledgement")
    if brand:
        rows = rows.filter(complaint__brand=brand)
    firsts = rows.order_by().values_list("complaint__channel", "complaint__received_at")
    seconds_by_channel: dict[str, list[int]] = {}
    for channel, received, posted in firsts.annotate(first=Min("posted_at")).values_list(
        "complaint__channel", "complaint__received_at", "first"
    ):
        seconds_by_channel.setdefault(channel, []).append(int((posted - received).total_seconds()))
    return {channel: tuple(seconds) for channel, seconds in seconds_by_channel.items()}


def satisfaction_by_channel(
    *, start: datetime, end: datetime, brand: str = ""
) -> dict[str, tuple[int, int]]:
    """Channel → (answers of 4 or 5, all answers of 1 to 5) about complaints received in
    `[start, end)`."""
    rows = Outcome.objects.filter(
        complaint__received_at__gte=start,
        complaint__received_at__lt=end,
        satisfaction__isnull=False,
    )
    if brand:
        rows = rows.filter(complaint__brand=brand)
    counted = rows.order_by().values_list("complaint__channel")
    both = counted.annotate(content=Count("id", filter=Q(satisfaction__gte=4)), rated=Count("id"))
    return {channel: (content, rated) for channel, content, rated in both}
