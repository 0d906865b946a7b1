"""Read the facts a case needs: about the person, the offers bought, the area lived in, and gaps.

One `DataAccessed` fact for each case, in the same transaction; if it cannot be written, no facts
are handed out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.people.access.actions.disclosure import EVIDENCE, disclose_cases, shown_only_if_recorded
from amends.people.access.models import Case
from amends.people.access.queries.authority import authorise_cases
from amends.people.access.queries.cases import find_many
from amends.people.subscribers.queries import SubscriberView, services_of_many, subscribers
from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import Period, from_ms, to_ms
from amends.record.catalogue.queries import AreaView, areas
from amends.record.facts.kinds import KINDS
from amends.record.ledger.queries import (
    Coverage,
    StoredFact,
    coverage_many,
    facts_about_many,
    facts_on,
)

# What is agreed stays true until it is changed, so it is read from its beginning; the rest
# (charges, notices, measurements) only within the period of the case.
LASTING = frozenset(
    {
        "OfferPublished",
        "ClaimPublished",
        "ServiceOrdered",
        "ConfirmationAsked",
        "ConfirmationGiven",
        "ConfirmationRefused",
        "ServiceActivated",
        "ServiceChanged",
        "ServiceStopped",
        "ConsentGiven",
        "ConsentWithdrawn",
    }
)
_INCIDENTS = ("IncidentOpened", "IncidentClosed")
OF_OFFERS = frozenset({"OfferPublished", "ClaimPublished", *_INCIDENTS})
OF_AREAS = frozenset({"QualityDegraded", *_INCIDENTS})
# A fault that began earlier may still last; older ones are told by their end.
_STILL_LASTING = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ledger holds for a case.

    facts     in order of happening
    coverage  for each kind, where its absence proves nothing; shared by cases of the same scopes,
              so it may reach beyond `period`
    period    what was asked about; `end` is never None
    scopes    whose completeness counts here: the person's area and brand
    """

    case: str
    subscriber: str
    facts: tuple[StoredFact, ...]
    coverage: tuple[Coverage, ...]
    period: Period
    scopes: tuple[str, ...]


def evidence(
    actor: Actor,
    case: str,
    *,
    kinds: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    now: datetime,
) -> Evidence:
    """The evidence of one case; see `evidence_many`."""
    return evidence_many(actor, [case], kinds=kinds, start=start, end=end, now=now)[case]


def evidence_many(
    actor: Actor,
    cases: Iterable[str],
    *,
    kinds: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    now: datetime,
) -> dict[str, Evidence]:
    """The evidence of many cases, by case; refused for all if it is refused for one.

    kinds       kinds of facts; None for every kind
    start, end  narrow the period of the case, and never widen it
    """
    wanted = frozenset(KINDS if kinds is None else kinds) - {"SourceCovered"}
    with shown_only_if_recorded(actor):
        case_rows = find_many(dict.fromkeys(cases))
        rulings = authorise_cases(actor, "evidence", case_rows, now=now, fields=wanted)
        gathered = _gather(case_rows, wanted, start, end, now)
        named = (EVIDENCE,) if kinds is None else tuple(sorted(wanted))
        disclose_cases(actor, rulings, case_rows, fields=named, now=now)
    return gathered


def look_at_conclusions(actor: Actor, case: str, *, fields: Collection[str], now: datetime) -> None:
    """Record access to conclusions from the evidence of a case.

    Nothing is read again: a decision quotes the facts it was made from. Raises UnableToAccess, also
    for an actor without access to the personal fields of the case.
    """
    with shown_only_if_recorded(actor):
        case_rows = find_many([case])
        authorise_cases(actor, "look", case_rows, now=now, fields=fields)
        rulings = authorise_cases(actor, "evidence", case_rows, now=now)
        disclose_cases(actor, rulings, case_rows, fields=(EVIDENCE,), now=now)


def _gather(
    cases: Sequence[Case],
    kinds: frozenset[str],
    start: datetime | None,
    end: datetime | None,
    now: datetime,
) -> dict[str, Evidence]:
    if not cases:
        return {}
    periods = {case.ref: _period(case, start, end, now) for case in cases}
    own = _own_facts([case.subscriber for case in cases], kinds, list(periods.values()))
    people = subscribers(case.subscriber for case in cases)
    areas_by_person = _places([case.subscriber for case in cases], people)
    offers = {pseudonym: _offers_of(facts) for pseudonym, facts in own.items()}
    around = _facts_around(offers, areas_by_person, kinds, list(periods.values()))
    facts_by_case: dict[str, list[StoredFact]] = {}
    for case in cases:
        period = periods[case.ref]
        subjects = offers[case.subscriber] | areas_by_person[case.subscriber]
        near = [fact for subject in subjects for fact in around.get(subject, ())]
        facts_by_case[case.ref] = _within((*own[case.subscriber], *near), period)
    scopes = {
        pseudonym: _scopes(people.get(pseudonym), areas_by_person[pseudonym]) for pseudonym in own
    }
    covered = _coverage(cases, kinds, periods, facts_by_case, scopes)
    return {
        case.ref: Evidence(
            case=case.ref,
            subscriber=case.subscriber,
            facts=tuple(facts_by_case[case.ref]),
            coverage=covered[scopes[case.subscriber]],
            period=periods[case.ref],
            scopes=scopes[case.subscriber],
        )
        for case in cases
    }


def _period(case: Case, start: datetime | None, end: datetime | None, now: datetime) -> Period:
    starts = [moment for moment in (start, case.period_start) if moment is not None]
    ends = [moment for moment in (end, case.period_end, now) if moment is not None]
    last = min(ends)
    first = max(starts) if starts else from_ms(0)
    return Period(min(first, last), last)


def _own_facts(
    subscribers: list[str], kinds: frozenset[str], periods: list[Period]
) -> dict[str, list[StoredFact]]:
    first = min(period.start for period in periods)
    last = max(period.end for period in periods if period.end is not None)
    passing, lasting = kinds - LASTING, kinds & LASTING
    own: dict[str, list[StoredFact]] = {subscriber: [] for subscriber in subscribers}
    for kinds_read, since in ((lasting, None), (passing, first)):
        if kinds_read:
            read = facts_about_many(own, kinds=kinds_read, start=since, end=last)
            for pseudonym, facts in read.items():
                own[pseudonym] += facts
    return own


def _places(wanted: list[str], people: Mapping[str, SubscriberView]) -> dict[str, frozenset[str]]:
    """The areas a person's home and services lie in, with the areas these are part of."""
    tree = {area.code: area for area in areas()}
    services = services_of_many(wanted)
    areas_by_person = {}
    for pseudonym in wanted:
        codes = {service.area for service in services.get(pseudonym, ())}
        if pseudonym in people:
            codes.add(people[pseudonym].area)
        areas_by_person[pseudonym] = frozenset(
            up for code in codes - {""} for up in _upwards(code, tree)
        )
    return areas_by_person


def _upwards(code: str, tree: Mapping[str, AreaView]) -> list[str]:
    chain = [code]
    while (area := tree.get(chain[-1])) and area.parent and area.parent not in chain:
        chain.append(area.parent)
    return chain


def _facts_around(
    offers: Mapping[str, set[str]],
    areas_by_person: Mapping[str, frozenset[str]],
    kinds: frozenset[str],
    periods: list[Period],
) -> dict[str, list[StoredFact]]:
    """Facts on the offers bought and the areas lived in, by offer and area."""
    first = min(period.start for period in periods)
    last = max(period.end for period in periods if period.end is not None)
    bought = {offer for offer_refs in offers.values() for offer in offer_refs}
    areas_ = {area for codes in areas_by_person.values() for area in codes}
    since = max(first, from_ms(0) + _STILL_LASTING) - _STILL_LASTING
    facts_by_subject: dict[str, list[StoredFact]] = defaultdict(list)
    for subjects, subject_kinds, earliest in (
        (bought, kinds & OF_OFFERS, None),
        (areas_, kinds & OF_AREAS, since),
    ):
        if subjects and subject_kinds:
            for fact in facts_on(subjects, kinds=subject_kinds, start=earliest, end=last):
                facts_by_subject[fact.subject].append(fact)
    return facts_by_subject


def _offers_of(facts: Iterable[StoredFact]) -> set[str]:
    named = ("offer", "from_offer", "to_offer")
    return {str(fact.payload[name]) for fact in facts for name in named if name in fact.payload}


def _within(facts: Iterable[StoredFact], period: Period) -> list[StoredFact]:
    """The facts of a period and those agreed before it that last, in order of happening."""
    start_ms = to_ms(period.start)
    end_ms = to_ms(period.end or period.start)
    before = LASTING | OF_AREAS
    period_facts = [
        fact
        for fact in facts
        if fact.happened_at_ms < end_ms and (fact.happened_at_ms >= start_ms or fact.kind in before)
    ]
    return sorted(period_facts, key=lambda fact: (fact.happened_at_ms, fact.id))


def _scopes(person: SubscriberView | None, area_codes: frozenset[str]) -> tuple[str, ...]:
    named = {f"area:{area}" for area in area_codes}
    if person and person.brand:
        named.add(f"brand:{person.brand}")
    return tuple(sorted(named)) or ("all",)


def _coverage(
    cases: Sequence[Case],
    kinds: frozenset[str],
    periods: Mapping[str, Period],
    facts_by_case: Mapping[str, list[StoredFact]],
    scopes: Mapping[str, tuple[str, ...]],
) -> dict[tuple[str, ...], tuple[Coverage, ...]]:
    """One answer a kind for each set of scopes, over everything its cases need."""
    spans: dict[frozenset[str], tuple[datetime, datetime]] = {}
    for case in cases:
        period, key = periods[case.ref], frozenset(scopes[case.subscriber])
        end = period.end or period.start
        facts = facts_by_case[case.ref]
        oldest = facts[0].happened_at if facts else end
        start = min(period.start, oldest) if period.start > from_ms(0) else oldest
        first, last = spans.get(key, (start, end))
        spans[key] = (min(first, start), max(last, end))
    coverages = coverage_many(sorted(kinds), spans)
    return {tuple(sorted(key)): tuple(answers) for key, answers in coverages.items()}
