"""Questions the desk, the portals and other rooms ask about complaints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from amends.complaints.models import (
    Clock,
    Complaint,
    Contact,
    Correction,
    Decision,
    Event,
    Reply,
    SavedView,
)
from amends.complaints.rules.states import table
from amends.complaints.rules.taxonomy import taxonomy
from amends.database.kept import Kept

_ROW = (
    "id", "code_public", "channel", "language", "person_shown", "identity", "first_words", "area",
    "province", "brand", "code", "code2", "confidence_permille", "ask_for_words", "state",
    "urgent", "received_at", "next_step", "next_due_at", "contacts_count", "verdict",
    "amount_minor", "currency", "may_act_alone", "handler", "reopened_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a complaint at a glance; nothing in it says who the person is."""

    id: str
    tracking_code: str
    channel: str
    language: str
    person_shown: str
    identity: str
    first_words: str
    area: str
    province: str
    brand: str
    code: str
    code2: str
    confidence_permille: int
    ask_for_words: bool
    state: str
    urgent: bool
    received_at: datetime
    next_step: str
    next_due_at: datetime | None
    contacts_count: int
    verdict: str
    amount_minor: int
    currency: str
    may_act_alone: bool
    handler: str
    reopened_count: int


@dataclass(frozen=True, slots=True)
class ContactView:
    """One contact, its words masked."""

    id: str
    channel: str
    received_at: datetime
    text: str
    joined_because: str
    by: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """One legal deadline and the rule it comes from."""

    step: str
    due_at: datetime
    rule: str
    counting: str
    binding: bool
    verified: bool
    met_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply, drafted or sent."""

    id: str
    kind: str
    language: str
    subject: str
    body: str
    drafted_at: datetime
    drafted_by: str
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to the complaint."""

    at: datetime
    verb: str
    from_state: str
    to_state: str
    actor: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as it stood; `dossier` and `decision` are the documents of the rules."""

    id: str
    at: datetime
    by: str
    verdict: str
    amount_minor: int
    currency: str
    rule: str
    strength: str
    alone: bool
    dossier: Mapping[str, Any]
    decision: Mapping[str, Any]
    reason: str
    overrules: str


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """Everything the complaint page shows, except what only a grant opens.

    address_given  whether a phone number or mailbox came with the complaint
    """

    row: Summary
    subscriber: str
    address_given: bool
    service: str
    case: str
    identity_by: str
    wanted: str
    because: list[str]
    classified_by: str
    state_since: datetime
    resolved_at: datetime | None
    history: bool
    jurisdiction: str
    contacts: list[ContactView] = field(default_factory=list)
    clocks: list[ClockView] = field(default_factory=list)
    events: list[EventView] = field(default_factory=list)
    decisions: list[DecisionView] = field(default_factory=list)
    replies: list[ReplyView] = field(default_factory=list)


_BY_CODE = Kept(lambda code: Complaint.objects.filter(code_public=code)[:1])
_BY_ID = Kept(lambda ref: Complaint.objects.filter(id=ref)[:1])
_CLOCKS = Kept(
    lambda ref: (
        Clock.objects.filter(complaint=ref).order_by("due_at", "id").values_list(*_names(ClockView))
    )
)
_EVENTS = Kept(
    lambda ref: (
        Event.objects.filter(complaint=ref).order_by("at", "id").values_list(*_names(EventView))
    )
)


def _names(view: type) -> list[str]:
    return [one.name for one in fields(view)]


def complaint(ref: str, *, brand: str = "", whole: bool = True) -> ComplaintView | None:
    """One complaint by our id or its tracking code; None if there is none (or of another brand).

    whole  with contacts, decisions and replies; clocks and events are always there
    """
    found = _BY_CODE.first(ref.upper()) if "-" in ref else _BY_ID.first(ref)
    if found is None or (brand and found.brand != brand):
        return None
    return ComplaintView(
        row=Summary(*(getattr(found, name) for name in _ROW)),
        subscriber=found.subscriber,
        address_given=bool(found.person),
        service=found.service,
        case=found.case,
        identity_by=found.identity_by,
        wanted=found.wanted,
        because=list(found.because),
        classified_by=found.classified_by,
        state_since=found.state_since,
        resolved_at=found.resolved_at,
        history=found.history,
        jurisdiction=found.jurisdiction,
        contacts=_contacts(found) if whole else [],
        clocks=[ClockView(*row) for row in _CLOCKS.rows(found.id)],
        events=[EventView(*row) for row in _EVENTS.rows(found.id)],
        decisions=_decisions(found) if whole else [],
        replies=_replies(found) if whole else [],
    )


def _contacts(found: Complaint) -> list[ContactView]:
    names = ("id", "channel", "received_at", "text", "joined_because", "by")
    rows = Contact.objects.filter(complaint=found).order_by("received_at", "id")
    return [ContactView(*row) for row in rows.values_list(*names)]


def _decisions(found: Complaint) -> list[DecisionView]:
    return [
        DecisionView(
            item.id, item.at, item.by, item.verdict, item.amount_minor, item.currency, item.rule,
            item.strength, item.alone, item.dossier, item.decision, item.reason,
            item.overrules_id or "",
        )
        for item in Decision.objects.filter(complaint=found).order_by("at", "id")
    ]  # fmt: skip


def _replies(found: Complaint) -> list[ReplyView]:
    return [
        ReplyView(
            row.id, row.kind, row.language, row.subject, row.body, row.drafted_at, row.drafted_by,
            row.posted_at,
        )
        for row in Reply.objects.filter(complaint=found).order_by("drafted_at", "id")
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StateView:
    """Where a complaint stands, for outsiders who know its tracking code."""

    complaint: str
    tracking_code: str
    state: str
    state_since: datetime
    received_at: datetime
    code: str
    next_step: str
    due_at: datetime | None
    contacts: int


def state_of(tracking_code: str, *, brand: str = "") -> StateView | None:
    """Where a complaint stands; None if there is no such code (or it is of another brand)."""
    rows = Complaint.objects.filter(code_public=tracking_code.strip().upper())
    if brand:
        rows = rows.filter(brand=brand)
    row = rows.values_list(
        "id", "code_public", "state", "state_since", "received_at", "code", "next_step",
        "next_due_at", "contacts_count",
    ).first()  # fmt: skip
    return StateView(*row) if row else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a complaint stands and what is suggested or decided; money in minor units."""

    state: str
    identity: str
    verdict: str
    amount_minor: int
    due_at: datetime | None


def standings(complaints: Iterable[str]) -> dict[str, Standing]:
    """Complaint → where it stands, for those that exist."""
    rows = (
        Complaint.objects.filter(id__in=list(complaints))
        .order_by("id")
        .values_list("id", "state", "identity", "verdict", "amount_minor", "next_due_at")
    )
    return {ref: Standing(*rest) for ref, *rest in rows}


def saved_views(user: str) -> list[tuple[str, str]]:
    """Names and addresses of the views a user keeps, in the order they were saved."""
    return list(SavedView.objects.filter(user=user).order_by("id").values_list("title", "query"))


def class_names() -> dict[str, tuple[str, str]]:
    """Class → its name in Chinese and in English, in the order of the taxonomy."""
    return {code: (known.zh, known.en) for code, known in taxonomy().codes.items()}


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A regulator's classes: names in Chinese and English, and which of our codes falls where."""

    id: str
    zh: str
    en: str
    classes: Mapping[str, tuple[str, str]]
    class_of: Mapping[str, str]


def scheme(name: str) -> SchemeView:
    """A version of a regulator's classes, `cn-2012` or `cn-2025` for instance."""
    known = taxonomy()
    found = known.schemes[name]
    places = {code: known.class_of(code, name) for code in known.codes}
    return SchemeView(
        name, found.zh, found.en, found.classes, {code: at for code, at in places.items() if at}
    )


def carried_over(name: str, other: str) -> dict[str, str | None]:
    """Class of one version → the class of another that holds the same complaints and no others;
    None marks a break: no figure may be carried across."""
    known = taxonomy()
    found: dict[str, str | None] = {}
    for one in known.schemes[name].classes:
        forth = known.counterparts(name, one, other)
        back = known.counterparts(other, forth[0], name) if len(forth) == 1 and forth[0] else ()
        found[one] = forth[0] if back == (one,) else None
    return found


def state_names() -> dict[str, tuple[str, str]]:
    """State → its name in Chinese and in English, in the order of the published table."""
    return {code: (known.zh, known.en) for code, known in table().states.items()}


@dataclass(frozen=True, slots=True)
class OverruleRate:
    """How often people overruled one rule; `share` is 0–1."""

    rule: str
    decided: int
    overruled: int

    @property
    def share(self) -> float:
        """Overruled per decided."""
        return self.overruled / self.decided if self.decided else 0.0


def overrules(
    *, since: datetime, until: datetime | None = None, brand: str = ""
) -> list[OverruleRate]:
    """Per rule, how many of its decisions people overruled, the most overruled first.

    since, until  decisions made in `[since, until)`, overruled then or later
    brand         of complaints of this brand alone
    """
    made = Decision.objects.filter(at__gte=since, overrules__isnull=True)
    if until is not None:
        made = made.filter(at__lt=until)
    if brand:
        made = made.filter(complaint__brand=brand)
    rows = (
        made.exclude(rule="")
        .order_by("rule")
        .values_list("rule")
        .annotate(decided=Count("id", distinct=True), overruled=Count("overruled_by"))
    )
    found = [OverruleRate(*row) for row in rows]
    return sorted(found, key=lambda item: (-item.share, item.rule))


OVERRULED_BY = ("area", "product", "channel", "code", "brand")


def overrules_by(
    dimension: str, *, since: datetime, until: datetime, brand: str = ""
) -> dict[str, dict[str, OverruleRate]]:
    """Rule → value of `dimension` (see `OVERRULED_BY`) of its complaints → as `overrules`."""
    made = Decision.objects.filter(at__gte=since, at__lt=until, overrules__isnull=True)
    if brand:
        made = made.filter(complaint__brand=brand)
    place = f"complaint__{dimension}"
    rows = (
        made.exclude(rule="")
        .order_by("rule", place)
        .values_list("rule", place)
        .annotate(decided=Count("id", distinct=True), overruled=Count("overruled_by"))
    )
    found: dict[str, dict[str, OverruleRate]] = {}
    for rule, unit, decided, overruled in rows:
        found.setdefault(rule, {})[unit] = OverruleRate(rule, decided, overruled)
    return found


def corrections(
    *, limit: int = 500, brand: str = ""
) -> list[tuple[datetime, str, str, str, str, str]]:
    """Classes set right by people: when, by whom, complaint, from, to, its first words."""
    every = Correction.objects.select_related("complaint").order_by("-at", "-id")
    rows = (every.filter(complaint__brand=brand) if brand else every)[:limit]
    return [
        (
            row.at, row.by, row.complaint_id, row.from_code, row.to_code,
            row.complaint.first_words,
        )
        for row in rows
    ]  # fmt: skip


def corrected_texts() -> list[tuple[str, str]]:
    """The masked words of each complaint whose class a person set right, and the class it got.

    The last correction counts; a complaint whose words were erased is left out.
    """
    last = dict(Correction.objects.order_by("at", "id").values_list("complaint_id", "to_code"))
    words: dict[str, str] = {}
    for ref, text in (
        Contact.objects.filter(complaint_id__in=last)
        .order_by("complaint_id", "-received_at", "-id")
        .values_list("complaint_id", "text")
    ):
        words[ref] = text or words.get(ref, "")
    return [(words[ref], code) for ref, code in last.items() if words.get(ref, "").strip()]


def reference_of(named: str) -> str:
    """Our reference of a complaint named by it or by its tracking code; "" if there is none."""
    rows = Complaint.objects.filter(Q(id=named) | Q(code_public=named.strip().upper()))
    return rows.values_list("id", flat=True).first() or ""
