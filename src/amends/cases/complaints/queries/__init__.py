"""Questions the desk, the portals and other apps ask about complaints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Q, QuerySet

from amends.cases.complaints.models import (
    Clock,
    Complaint,
    Contact,
    Decision,
    Event,
    Reply,
    SavedView,
)
from amends.cases.complaints.queries.casefile import (
    ClockView,
    ComplaintSummary,
    ComplaintView,
    ContactView,
    DecisionView,
    EventView,
    ReplyView,
)
from amends.cases.complaints.rules.states import table, tmf_status
from amends.channels.queries.contacts import contact_index
from amends.engines.classification.taxonomy import taxonomy
from amends.engines.decisions.clocks import REPAIR
from amends.people.subscribers.queries import identify
from amends.platform.database.prepared_queries import PreparedQuery
from amends.work.casework.queries.staff import team_slugs_of

_ROW = (
    "id",
    "code_public",
    "channel",
    "language",
    "person_shown",
    "identity",
    "first_words",
    "area",
    "province",
    "brand",
    "code",
    "code2",
    "confidence_permille",
    "ask_for_words",
    "state",
    "urgent",
    "received_at",
    "next_step",
    "next_due_at",
    "contacts_count",
    "verdict",
    "amount_minor",
    "currency",
    "may_act_alone",
    "handler",
    "reopened_count",
)


# The code of a merged complaint is that of the first contact that came over from it.
_BY_CODE = PreparedQuery(
    lambda code: Complaint.objects.filter(code_public=code, merged_into__isnull=True)[:1]
)
_BY_CODE_OF_CONTACT = PreparedQuery(
    lambda code: Complaint.objects.filter(contacts__tracking_code=code)[:1]
)
_BY_ID = PreparedQuery(lambda ref: Complaint.objects.filter(id=ref)[:1])
_CLOCKS = PreparedQuery(
    lambda ref: (
        Clock.objects.filter(complaint=ref).order_by("due_at", "id").values_list(*_names(ClockView))
    )
)
_EVENTS = PreparedQuery(
    lambda ref: (
        Event.objects.filter(complaint=ref).order_by("at", "id").values_list(*_names(EventView))
    )
)
_STATES = PreparedQuery(
    lambda code: Complaint.objects.filter(code_public=code, merged_into__isnull=True).values_list(
        "id",
        "code_public",
        "state",
        "state_since",
        "received_at",
        "code",
        "next_step",
        "next_due_at",
        "contacts_count",
        "brand",
    )[:1]
)
_STATES_OF_CONTACT = PreparedQuery(
    lambda code: Complaint.objects.filter(contacts__tracking_code=code).values_list(
        "id",
        "contacts__tracking_code",
        "state",
        "state_since",
        "received_at",
        "code",
        "next_step",
        "next_due_at",
        "contacts_count",
        "brand",
    )[:1]
)
_SAVED = PreparedQuery(
    lambda user: (
        SavedView.objects.filter(Q(user=user) | Q(team__in=team_slugs_of(user)))
        .order_by("id")
        .values_list("user", "title", "query")
    )
)


def _names(view: type) -> list[str]:
    return [field.name for field in fields(view)]


def complaint(ref: str, *, brand: str = "", whole: bool = True) -> ComplaintView | None:
    """One complaint by our id or its tracking code; None if there is none (or of another brand).

    The code handed out for a contact that joined it leads to it too.

    whole  with contacts, decisions and replies; clocks and events are always there
    """
    if "-" in ref:
        complaint_row = _BY_CODE.first(ref.upper()) or _BY_CODE_OF_CONTACT.first(ref.upper())
    else:
        complaint_row = _BY_ID.first(ref)
    if complaint_row is None or (brand and complaint_row.brand != brand):
        return None
    return ComplaintView(
        row=ComplaintSummary(*(getattr(complaint_row, name) for name in _ROW)),
        subscriber=complaint_row.subscriber,
        address_given=bool(complaint_row.person),
        service=complaint_row.service,
        case=complaint_row.case,
        identity_by=complaint_row.identity_by,
        wanted=complaint_row.wanted,
        cues=list(complaint_row.because),
        classified_by=complaint_row.classified_by,
        state_since=complaint_row.state_since,
        resolved_at=complaint_row.resolved_at,
        history=complaint_row.history,
        jurisdiction=complaint_row.jurisdiction,
        contacts=_contacts(complaint_row) if whole else [],
        clocks=[ClockView(*row) for row in _CLOCKS.rows(complaint_row.id)],
        events=[EventView(*row) for row in _EVENTS.rows(complaint_row.id)],
        decisions=_decisions(complaint_row) if whole else [],
        replies=_replies(complaint_row) if whole else [],
    )


def _contacts(complaint: Complaint) -> list[ContactView]:
    names = ("id", "channel", "received_at", "text", "joined_because", "by")
    rows = Contact.objects.filter(complaint=complaint).order_by("received_at", "id")
    return [ContactView(*row) for row in rows.values_list(*names)]


def _decisions(complaint: Complaint) -> list[DecisionView]:
    return [
        DecisionView(
            id=item.id,
            at=item.at,
            by=item.by,
            verdict=item.verdict,
            amount_minor=item.amount_minor,
            currency=item.currency,
            rule=item.rule,
            strength=item.strength,
            alone=item.alone,
            dossier=item.dossier,
            decision=item.decision,
            reason=item.reason,
            overrules=item.overrules_id or "",
        )
        for item in Decision.objects.filter(complaint=complaint).order_by("at", "id")
    ]


def _replies(complaint: Complaint) -> list[ReplyView]:
    return [
        ReplyView(
            id=row.id,
            kind=row.kind,
            language=row.language,
            subject=row.subject,
            body=row.body,
            drafted_at=row.drafted_at,
            drafted_by=row.drafted_by,
            posted_at=row.posted_at,
        )
        for row in Reply.objects.filter(complaint=complaint).order_by("drafted_at", "id")
    ]


@dataclass(frozen=True, slots=True)
class StateView:
    """The status of a complaint, for outsiders who know its tracking code."""

    complaint: str
    tracking_code: str
    state: str
    state_since: datetime
    received_at: datetime
    code: str
    next_step: str
    due_at: datetime | None
    contacts: int

    @property
    def tmf621_status(self) -> str:
        """The state as TM Forum's interface for trouble tickets names it."""
        return tmf_status(self.state)


def state_of(tracking_code: str, *, brand: str = "") -> StateView | None:
    """The status of a complaint; None if there is no such code (or it is of another brand)."""
    code = tracking_code.strip().upper()
    *row, of_brand = _STATES.first(code) or _STATES_OF_CONTACT.first(code) or ("",)
    return StateView(*row) if row and (not brand or of_brand == brand) else None


def states_of_subscriber(subscriber: str, *, limit: int = 20) -> list[StateView]:
    """The status of a person's complaints, for themselves, the newest first."""
    rows = Complaint.objects.filter(subscriber=subscriber).exclude(subscriber="")
    return _state_views(rows, limit)


def states_of_number(number: str, *, brand: str = "", limit: int = 50) -> list[StateView]:
    """The status of complaints filed under a phone number; the caller checks who asks."""
    subscriber = identify(phone=number)
    rows = Complaint.objects.filter(
        person__in=[contact_index(number), *([subscriber.pseudonym] if subscriber else [])]
    )
    return _state_views(rows.filter(brand=brand) if brand else rows, limit)


def _state_views(rows: QuerySet[Complaint], limit: int) -> list[StateView]:
    rows = rows.filter(merged_into__isnull=True).order_by("-received_at", "id")
    return [
        StateView(
            complaint=row.id,
            tracking_code=row.code_public,
            state=row.state,
            state_since=row.state_since,
            received_at=row.received_at,
            code=row.code,
            next_step=row.next_step,
            due_at=row.next_due_at,
            contacts=row.contacts_count,
        )
        for row in rows[:limit]
    ]


@dataclass(frozen=True, slots=True)
class ComplaintStatus:
    """The status of a complaint and what is suggested or decided; money in minor units."""

    state: str
    identity: str
    verdict: str
    amount_minor: int
    due_at: datetime | None
    code: str
    subscriber: str


def standings(complaints: Iterable[str]) -> dict[str, ComplaintStatus]:
    """Complaint → its status, for those that exist."""
    rows = (
        Complaint.objects.filter(id__in=list(complaints))
        .order_by("id")
        .values_list(
            "id",
            "state",
            "identity",
            "verdict",
            "amount_minor",
            "next_due_at",
            "code",
            "subscriber",
        )
    )
    return {ref: ComplaintStatus(*columns) for ref, *columns in rows}


def saved_views(user: str) -> list[tuple[str, str]]:
    """Names and addresses of the views a user keeps, in the order they were saved; then those that
    colleagues share with a team of theirs.
    """
    views = _SAVED.rows(user)
    own_views = [(title, query) for owner, title, query in views if owner == user]
    shared_views = [(title, query) for owner, title, query in views if owner != user]
    return [*own_views, *sorted(shared_views, key=lambda view: view[0])]


def class_names() -> dict[str, tuple[str, str]]:
    """Class → its name in Chinese and in English, in the order of the taxonomy."""
    return {
        code: (class_entry.zh, class_entry.en) for code, class_entry in taxonomy().codes.items()
    }


def schemes() -> dict[str, tuple[str, str]]:
    """Versions of regulators' classes, such as `cn-2025` → name in Chinese and in English."""
    return {
        name: (scheme_entry.zh, scheme_entry.en)
        for name, scheme_entry in taxonomy().schemes.items()
    }


def renamed_classes() -> dict[str, str]:
    """Class of an earlier version → the one it is counted under now."""
    return dict(taxonomy().renamed)


def classes_version() -> str:
    """The version of the classes complaints are sorted by."""
    return taxonomy().version


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
    classes = taxonomy()
    scheme_entry = classes.schemes[name]
    class_by_code = {code: classes.class_of(code, name) for code in classes.codes}
    return SchemeView(
        id=name,
        zh=scheme_entry.zh,
        en=scheme_entry.en,
        classes=scheme_entry.classes,
        class_of={code: at for code, at in class_by_code.items() if at},
    )


def equivalent_classes(name: str, other_scheme: str) -> dict[str, str | None]:
    """Class of one version → the class of another that holds the same complaints and no others;
    None marks a break: no figure may be carried across."""
    classes = taxonomy()
    equivalents: dict[str, str | None] = {}
    for class_id in classes.schemes[name].classes:
        forth = classes.counterparts(name, class_id, other_scheme)
        back = (
            classes.counterparts(other_scheme, forth[0], name)
            if len(forth) == 1 and forth[0]
            else ()
        )
        equivalents[class_id] = forth[0] if back == (class_id,) else None
    return equivalents


def state_names() -> dict[str, tuple[str, str]]:
    """State → its name in Chinese and in English, in the order of the published table."""
    return {code: (state_entry.zh, state_entry.en) for code, state_entry in table().states.items()}


def reference_of(named: str) -> str:
    """Our reference of a complaint named by it or by its tracking code; "" if there is none."""
    code = named.strip().upper()
    rows = Complaint.objects.filter(Q(id=named) | Q(code_public=code))
    joined = Contact.objects.filter(tracking_code=code).exclude(tracking_code="")
    return (
        rows.values_list("id", flat=True).first()
        or joined.values_list("complaint", flat=True).first()
        or ""
    )


def waiting_for_repair(refs: Iterable[str]) -> list[str]:
    """Which of these complaints are open and have a limit for a repair that none has met."""
    waiting = Clock.objects.filter(
        step=REPAIR, met_at__isnull=True, complaint__is_open=True, complaint__history=False
    )
    return sorted(set(waiting.values_list("complaint", flat=True)) & set(refs))
