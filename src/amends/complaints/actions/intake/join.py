"""Which complaint a contact belongs to: an open one, the one it names, or its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from amends.complaints.actions.intake.prepare import Intake
from amends.complaints.models import Complaint, Contact
from amends.complaints.rules.joining import OpenComplaint, joins
from amends.complaints.rules.states import table
from amends.database.prepared_queries import PreparedQueryForKeys

# As many as hand over at once, more or less; a file of thousands is asked about as ever.
_AT_ONCE = 4
_OPEN = PreparedQueryForKeys(
    lambda people: (
        Complaint.objects.filter(person__in=people, is_open=True, history=False)
        .order_by("received_at", "id")
        .values_list(
            "person",
            "id",
            "text_print",
            "contacts__text",
            "code",
            "service",
            "received_at",
            "brand",
            "code2",
            "kind",
            "code_public",
            "next_step",
            "next_due_at",
            "ask_for_words",
        )
    ),
    most=_AT_ONCE,
)
_NAMED = PreparedQueryForKeys(
    lambda refs: Complaint.objects.filter(id__in=refs).values_list(
        "id", "code_public", "code", "next_step", "next_due_at"
    ),
    most=_AT_ONCE,
)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What the row of an open complaint says of it."""

    tracking_code: str
    code: str
    kind: str
    next_step: str
    next_due_at: datetime | None
    ask_for_words: bool


def join(intakes: Sequence[Intake]) -> dict[str, OpenRow]:
    """Give each intake its complaint: an open one of the same person, or a new one.

    Returns the complaints of these people that were open before, by reference.
    """
    live = [intake for intake in intakes if not intake.submission.history]
    open_of, open_ = _open_complaints({intake.person for intake in live if intake.person})
    threads = _threads(live)
    made: dict[str, Intake] = {}
    for intake in live:
        said = intake.submission
        candidates = open_of.setdefault(intake.person, []) if intake.person else []
        thread = threads.get(said.answers) or threads.get(_code(said.thread))
        joined, why = "", "thread"
        if thread and _may_go_on(thread, intake):
            joined, intake.reopens = thread.ref, not thread.is_open
        if not joined:
            joined, why = joins(
                text=intake.text,
                print_=intake.text_print,
                code=intake.code,
                code2=intake.class_.code2,
                service=said.service,
                received_at=said.received_at,
                # A channel confined to one brand must not learn of a complaint of another.
                open_complaints=[
                    c for c in candidates if said.brand in ("", c.brand) and c.kind == intake.kind
                ],
            )
        if joined:
            intake.join(joined, why, made.get(joined))
        else:
            made[intake.complaint_id] = intake
            candidates.append(intake.as_open())
    _complete_joined(live, open_)
    return open_


def _open_complaints(
    people: Iterable[str],
) -> tuple[dict[str, list[OpenComplaint]], dict[str, OpenRow]]:
    """Person → what a new contact may join, once for each contact of it; and each complaint."""
    found: dict[str, list[OpenComplaint]] = {}
    open_: dict[str, OpenRow] = {}
    for (
        person,
        ref,
        print_,
        text,
        code,
        service,
        received_at,
        brand,
        code2,
        kind,
        *rest,
    ) in _OPEN.rows(set(people)):
        found.setdefault(person, []).append(
            OpenComplaint(ref, print_, text or "", code, service, received_at, brand, code2, kind)
        )
        tracking_code, *fields = rest
        open_[ref] = OpenRow(tracking_code, code, kind, *fields)
    return found, open_


@dataclass(frozen=True, slots=True)
class _Thread:
    """The complaint a contact names, by our reference or its tracking code."""

    ref: str
    person: str
    state: str
    is_open: bool


def _may_go_on(thread: _Thread, intake: Intake) -> bool:
    """Whether a contact that names a complaint belongs to it.

    Anybody may add to an open one. What was closed is opened again only by who complained: who
    answers our letter from where it went, or is the same person. All else is a matter of its own.
    """
    if thread.is_open:
        return True
    own = intake.submission.answers == thread.ref or thread.person == intake.person != ""
    return own and any(
        move.verb == "reopen" for move in table().moves_from(thread.state, who="subscriber")
    )


def _threads(intakes: Sequence[Intake]) -> dict[str, _Thread]:
    """Our reference or tracking code, as quoted, → the complaint it names."""
    codes = {_code(intake.submission.thread) for intake in intakes} - {""}
    refs = {intake.submission.answers for intake in intakes} - {""}
    if not codes and not refs:
        return {}
    handed_out = dict(
        Contact.objects.filter(tracking_code__in=codes).values_list("tracking_code", "complaint")
    )
    refs |= set(handed_out.values())
    rows = Complaint.objects.filter(Q(code_public__in=codes) | Q(id__in=refs), history=False)
    found = rows.order_by("id").values_list("code_public", "id", "person", "state", "is_open")
    named = {code: _Thread(*rest) for code, *rest in found}
    named |= {one.ref: one for one in named.values()}
    return named | {code: named[ref] for code, ref in handed_out.items() if ref in named}


def _code(text: str) -> str:
    return text.strip().upper()


def _complete_joined(intakes: Sequence[Intake], open_: Mapping[str, OpenRow]) -> None:
    """What a receipt says of a complaint that was open before this batch."""
    lacking = [intake for intake in intakes if intake.joined and not intake.into]
    # One that is named by its code may be somebody else's, or closed.
    named = {intake.complaint_id for intake in lacking} - open_.keys()
    known = {ref: tuple(row) for ref, *row in _NAMED.rows(named)} | {
        ref: (one.tracking_code, one.code, one.next_step, one.next_due_at)
        for ref, one in open_.items()
    }
    for intake in lacking:
        intake.tracking_code, intake.code, intake.next_step, intake.next_due_at = known[
            intake.complaint_id
        ]
