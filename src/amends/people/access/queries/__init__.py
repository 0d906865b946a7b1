"""What other apps may ask: which cases there are, who looked at whose data, who may do what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.utils import timezone

from amends.people.access import refusals
from amends.people.access.models import BreakGlass, Case, Grant, RecordHold
from amends.people.access.queries.authority import authorise_case, relation
from amends.people.access.queries.cases import find
from amends.people.access.queries.rights import rules_on as rules_on
from amends.people.access.queries.staff import actor_called, actor_with_ref
from amends.people.access.refusals import UnableToAccess, UnableToFindPerson
from amends.people.access.rules import decide
from amends.people.access.rules.decide import may_open_page
from amends.people.access.rules.unusual import CaseFacts, LookRow, UnusualLook, unusual
from amends.people.subscribers.queries import pseudonyms, pseudonyms_by_area, pseudonyms_with
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import AT_ONCE, slices
from amends.platform.kit.periods import from_ms, to_ms
from amends.record.ledger.queries import StoredFact, facts_about, facts_about_many, facts_on

__all__ = [
    "BreakGlassView",
    "CaseAccess",
    "CaseView",
    "GrantView",
    "LookView",
    "UnableToFindPerson",
    "UnusualLook",
    "access_to",
    "actor_called",
    "actor_with_ref",
    "break_glass_requests",
    "case",
    "cases_for",
    "cases_of",
    "cases_of_many",
    "lacks_partner",
    "looks_at",
    "looks_between",
    "looks_in",
    "may",
    "people_by_area",
    "people_with",
    "roles_that_may",
    "unusual_looks",
]

_CASE = (
    "ref",
    "subscriber",
    "service",
    "purpose",
    "reference",
    "contact",
    "brand",
    "opened_by",
    "opener_kind",
    "opened_at",
    "closed_at",
)
_CASES_OF = PreparedQueryForKeys(
    lambda wanted: (
        Case.objects.filter(subscriber__in=wanted).order_by("opened_at", "ref").values_list(*_CASE)
    )
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case; `closed_at` is None while it is open."""

    ref: str
    subscriber: str
    service: str
    purpose: str
    reference: str
    contact: str
    brand: str
    opened_by: str
    opener_kind: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LookView:
    """One look at a person's data, as the person may read it.

    user, second_person  references of users (see `people`), or the name of a job of the platform
    fields               personal fields or kinds of facts
    case                 "" where there was none
    """

    fact: str
    at: datetime
    user: str
    role: str
    subscriber: str
    case: str
    purpose: str
    fields: tuple[str, ...]
    unmasked: bool
    reason: str = ""
    partner: str = ""
    second_person: str = ""

    @property
    def by_platform(self) -> bool:
        """Whether a job of the platform looked, and no person."""
        return self.role == "system"


@dataclass(frozen=True, slots=True)
class BreakGlassView:
    """A request to look without a case."""

    ref: str
    subscriber: str
    fields: tuple[str, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime | None
    used_at: datetime | None


GrantReason = Grant.Reason


@dataclass(frozen=True, slots=True)
class GrantView:
    """Somebody let into a case besides its opener: a `user`, a `role` or a `partner`.

    reason  why the platform did, in the reader's language; "" where a colleague did
    """

    kind: str
    grantee: str
    granted_by: str
    granted_at: datetime
    until: datetime | None
    is_over: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """Who may look into a case, and how one person stands to it.

    relation  "opener", "granted", "desk" or "none"
    desk      the roles that share it from the start
    """

    case: CaseView
    relation: str
    can_share: bool
    desk: tuple[str, ...]
    grants: tuple[GrantView, ...]


def access_to(ref: str, actor: Actor, *, now: datetime) -> CaseAccess:
    """Who is let into a case; nothing about the person concerned.

    Raises `UnableToFindAccessCase` for a case of another brand, as for one that does not exist.
    """
    case_row = find(ref)
    if actor.brand and case_row.brand != actor.brand:
        raise refusals.unknown_case_of_page()
    rules = rules_on(timezone.localdate(now))
    grants = tuple(
        GrantView(
            kind=row.grantee_kind,
            grantee=row.grantee,
            granted_by=row.granted_by,
            granted_at=row.granted_at,
            until=row.until,
            is_over=row.until is not None and row.until <= now,
            reason=row.get_reason_display(),
        )
        for row in Grant.objects.filter(case=case_row).order_by("granted_at", "id")
    )
    holding = {(row.kind, row.grantee) for row in grants if not row.is_over}
    try:
        authorise_case(actor, "share_case", case_row, now=now)
        can_share = True
    except UnableToAccess:
        can_share = False
    shared = rules.desks.get(case_row.purpose, frozenset()) if case_row.shared_with_desk else ()
    return CaseAccess(
        case=CaseView(*(getattr(case_row, name) for name in _CASE)),
        relation=relation(actor, case_row, {case_row.ref: holding}, rules),
        can_share=can_share,
        desk=tuple(role for role in rules.roles if role in shared),
        grants=grants,
    )


def may(roles: Iterable[str], page: str, *, at: datetime | None = None) -> bool:
    """Whether any of the roles may open a page (a permission of `access@….toml`)."""
    return may_open_page(roles, page, rules_on(timezone.localdate(at)))


def roles_that_may(page: str, *, at: datetime | None = None) -> frozenset[str]:
    """The roles that hold a permission."""
    return rules_on(timezone.localdate(at)).pages.get(page, frozenset())


def lacks_partner(actor: Actor, *, at: datetime | None = None) -> bool:
    """Whether an actor has a role for people of a partner, and works for none."""
    return decide.lacks_partner(actor.roles, actor.partner, rules_on(timezone.localdate(at)))


def case(ref: str) -> CaseView | None:
    """One case by reference."""
    row = Case.objects.filter(ref=ref).values_list(*_CASE).first()
    return CaseView(*row) if row else None


def cases_for(reference: str) -> list[CaseView]:
    """The cases opened for a complaint, appeal or request, oldest first."""
    rows = Case.objects.filter(reference=reference).order_by("opened_at", "ref")
    return [CaseView(*row) for row in rows.values_list(*_CASE)]


def cases_of(subscriber: str) -> list[CaseView]:
    """All cases about one subscriber, oldest first."""
    return cases_of_many([subscriber]).get(subscriber, [])


def cases_of_many(subscribers: Iterable[str]) -> dict[str, list[CaseView]]:
    """All cases about each subscriber; one with none is absent."""
    cases_by_subscriber: dict[str, list[CaseView]] = defaultdict(list)
    for batch in slices(list(dict.fromkeys(subscribers))):
        for row in _CASES_OF.rows(batch):
            cases_by_subscriber[row[1]].append(CaseView(*row))
    return dict(cases_by_subscriber)


def looks_at(
    subscriber: str, *, start: datetime | None = None, end: datetime | None = None
) -> list[LookView]:
    """Who looked at one person's data, newest first: what the person concerned may always read."""
    facts = facts_about(subscriber, kinds=["DataAccessed"], start=start, end=end)
    return [_look(fact) for fact in reversed(facts)]


def looks_in(case_ref: str) -> list[LookView]:
    """Who looked at data within one case, newest first."""
    return [_look(fact) for fact in reversed(facts_on(case_ref, kinds=["DataAccessed"]))]


def looks_between(start: datetime, end: datetime, *, brand: str = "") -> Iterator[LookView]:
    """Every look at anybody's data (of a brand) in `[start, end)`, person by person."""
    everybody = pseudonyms(brand=brand)
    while batch := list(islice(everybody, AT_ONCE)):
        read = facts_about_many(batch, kinds=["DataAccessed"], start=start, end=end)
        for facts in read.values():
            yield from map(_look, facts)


def unusual_looks(since: datetime, until: datetime, *, brand: str = "") -> list[UnusualLook]:
    """Signals of misuse in `[since, until)`: no case, self-opened, in a row, many eyes.

    What jobs of the platform read is left out; whoever reads this is looking at colleagues, not at
    subscribers, so no fact is written. `brand`: only looks at its subscribers are judged.
    """
    looks = [
        LookRow(
            fact=look_row.fact,
            at_ms=to_ms(look_row.at),
            user=look_row.user,
            role=look_row.role,
            subscriber=look_row.subscriber,
            case=look_row.case,
            purpose=look_row.purpose,
            partner=look_row.partner,
            unmasked=look_row.unmasked,
        )
        for look_row in looks_between(since, until, brand=brand)
        if not look_row.by_platform and look_row.role != "subscriber"
    ]
    cases = _case_facts({look.case for look in looks} - {""})
    ahead = timezone.localtime(until).utcoffset() or timedelta()
    return unusual(looks, cases, ahead_ms=ahead // timedelta(milliseconds=1))


def people_with(
    *, at: datetime, areas: Iterable[str] = (), offers: Iterable[str] = (), brand: str = ""
) -> set[str]:
    """Pseudonyms of those in the areas, with the offers: to count who is hit. No value of anybody
    is opened, so no look is stated; whoever shows or tells a person goes through an action.
    """
    return pseudonyms_with(at=at, areas=list(areas), offers=list(offers), brand=brand)


def people_by_area(areas: Iterable[str], *, at: datetime) -> dict[str, set[str]]:
    """`people_with` for each of the areas."""
    return pseudonyms_by_area(areas, at=at)


def break_glass_requests(*, waiting_only: bool = False) -> list[BreakGlassView]:
    """Requests to look without a case, newest first."""
    rows = BreakGlass.objects.order_by("-asked_at", "ref")
    if waiting_only:
        rows = rows.filter(approved_at__isnull=True)
    return [
        BreakGlassView(
            ref=row.ref,
            subscriber=row.subscriber,
            fields=tuple(row.fields),
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
            used_at=row.used_at,
        )
        for row in rows
    ]


def _case_facts(refs: set[str]) -> dict[str, CaseFacts]:
    facts_by_ref = {}
    for batch in slices(sorted(refs)):
        for row in Case.objects.filter(ref__in=batch):
            closed = to_ms(row.closed_at) if row.closed_at else None
            by_person = row.opener_kind == "user"
            facts_by_ref[row.ref] = CaseFacts(
                subscriber=row.subscriber,
                opened_by=row.opened_by,
                by_person=by_person,
                contact=row.contact,
                closed_at_ms=closed,
            )
    return facts_by_ref


def _look(fact: StoredFact) -> LookView:
    stated = fact.payload
    return LookView(
        fact=fact.id,
        at=from_ms(fact.happened_at_ms),
        user=str(stated["user"]),
        role=str(stated["role"]),
        subscriber=fact.subscriber,
        case=str(stated["case"]),
        purpose=str(stated["purpose"]),
        fields=tuple(str(stated["fields"]).split(",")),
        unmasked=bool(stated.get("unmasked", 0)),
        reason=str(stated.get("reason", "")),
        partner=str(stated.get("partner", "")),
        second_person=str(stated.get("second_person", "")),
    )


def held_records(kind: str, wanted: Iterable[str]) -> dict[str, str]:
    """Record → why it must stay for now, of those among `wanted` on which a hold stands.

    kind    "complaint" or "hotissue"
    """
    reasons_by_record: dict[str, str] = {}
    listed = list(dict.fromkeys(wanted))
    for part in slices(listed, 500):
        open_holds = RecordHold.objects.filter(kind=kind, record__in=part, released_at__isnull=True)
        reasons_by_record |= dict(open_holds.order_by("-placed_at").values_list("record", "reason"))
    return reasons_by_record
