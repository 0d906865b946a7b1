"""Which consents stand: asked of the facts each time, so that a withdrawal holds at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils import timezone

from amends.causes.privacy.rules.consent import GIVEN, KINDS, Purpose, newest, purposes
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries import StoredFact, facts_about, facts_about_many


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A purpose and how the person stands to it; `since` None: never asked."""

    purpose: Purpose
    given: bool
    since: datetime | None
    channel: str
    record: str


def record_of(subscriber: str, purpose: str) -> str:
    """The reference of a person's consent record of a purpose; always the same."""
    return f"cns-{sha256(f'{subscriber}|{purpose}'.encode()).hexdigest()[:24]}"


def consents_of(subscriber: str, *, now: datetime) -> list[ConsentView]:
    """Every purpose that needs consent, and whether the person gave it."""
    latest = newest(facts_about(subscriber, kinds=KINDS))
    return [
        _view(purpose, latest.get(purpose.id), subscriber)
        for purpose in purposes(timezone.localdate(now)).values()
    ]


def _view(purpose: Purpose, fact: StoredFact | None, subscriber: str) -> ConsentView:
    record = record_of(subscriber, purpose.id)
    if fact is None:
        return ConsentView(purpose=purpose, given=False, since=None, channel="", record=record)
    return ConsentView(
        purpose=purpose,
        given=fact.kind == GIVEN,
        since=from_ms(fact.happened_at_ms),
        channel=str(fact.payload["channel"]),
        record=record,
    )


def consenting(subscribers: Iterable[str], purpose: str) -> set[str]:
    """Those among the subscribers whose consent to a purpose stands."""
    facts_by_person = facts_about_many(subscribers, kinds=KINDS)
    return {pseudonym for pseudonym, facts in facts_by_person.items() if _is_given(facts, purpose)}


def may_send(purpose: str, subscribers: Collection[str]) -> set[str]:
    """The check before a message of a purpose is sent: those it may go to."""
    return consenting(subscribers, purpose)


def _is_given(facts: Iterable[StoredFact], purpose: str) -> bool:
    fact = newest(facts).get(purpose)
    return fact is not None and fact.kind == GIVEN
