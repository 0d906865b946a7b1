"""Whom an issue hits: those who complained, and those who are hit and say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from amends.cases.complaints.queries.analytics import received_and_whose
from amends.people.subscribers.queries import served, subscribers
from amends.platform.kit.periods import from_ms
from amends.problems.emergencies.rules.drills import is_invented
from amends.problems.hotissues.queries.causes import offers_meant
from amends.problems.hotissues.queries.exposures import touched
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.ledger.queries import facts_on

COUNTED = ("services",)
"""What a count of who is hit reads of people, as its fact says."""
_DAY = timedelta(hours=24)
_FEW = 5
_COUNTS_VALID = timedelta(days=7)
_CAUSES_BEFORE = timedelta(days=60)


def growth_of(issue: HotIssue, now: datetime) -> float | None:
    """Persons of the last 24 hours over those of the 24 before, None where both are too few to say.

    Where fewer than five came before, it is held against five: an issue that began today has grown
    at least so much.
    """
    current_memberships = issue.memberships.filter(left_at__isnull=True)
    persons = dict(current_memberships.values_list("complaint", "person"))
    came = {ref: at for ref, (at, _subscriber) in received_and_whose(list(persons)).items()}
    last = {persons[ref] for ref, at in came.items() if now - _DAY < at <= now}
    before = {persons[ref] for ref, at in came.items() if now - 2 * _DAY < at <= now - _DAY}
    if max(len(last), len(before)) < _FEW:
        return None
    return len(last) / max(len(before), _FEW)


def complainants_in(issue: HotIssue) -> set[str]:
    """Pseudonyms of those who complain in an issue."""
    real = [ref for ref in complaints_in(issue) if not is_invented(ref)]
    return {
        subscriber_ref
        for _at, subscriber_ref in received_and_whose(real).values()
        if subscriber_ref
    }


def counted_at(ref: str, *, now: datetime) -> datetime | None:
    """When it was last counted who is hit by an issue, of the last days; None before."""
    counts = facts_on(ref, kinds=["DataAccessed"], start=now - _COUNTS_VALID)
    return from_ms(counts[-1].happened_at_ms) if counts else None


def silent_in(
    issue: HotIssue,
    *,
    offers: Iterable[str],
    areas: Iterable[str],
    causes: Iterable[str] = (),
    since: datetime,
    brand: str = "",
    now: datetime,
) -> list[str]:
    """Pseudonyms of those hit who have not complained of it; nobody where nothing says who is hit.

    offers, areas, since  what everybody hit had, where, and from when on
    brand                 only users of this brand; "" of the issue's, which may be every one
    causes                candidate causes, `kind:reference`: whom one of them touched is hit too
    """
    brand = issue.brand or brand
    bought = [ref for offer in offers for ref in offers_meant(offer)]
    hit = set(served(offers=bought, areas=areas, since=since, until=now, brand=brand))
    silent_refs = touched(causes, since=issue.started_at - _CAUSES_BEFORE, now=now) - hit
    hit |= {
        subscriber.pseudonym
        for subscriber in subscribers(silent_refs).values()
        if subscriber.status not in ("left", "erased") and brand in ("", subscriber.brand)
    }
    return sorted(hit - complainants_in(issue))
