"""What every look leaves behind: one `DataAccessed` fact, in the transaction that shows the data.

If the fact cannot be written the transaction fails, and nothing is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from amends.people.access.actions.signals import data_accessed
from amends.people.access.models import Case
from amends.people.access.rules.decide import Ruling
from amends.platform.kit.actors import Actor
from amends.platform.vault.recognisers import mask_text
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_on

SOURCE = "access"
VISIT = timedelta(minutes=30)
EVIDENCE = "facts"
"""What a look at the whole evidence of a case states, beside the names of personal fields."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was shown to whom, of whom, why; `case` is "" when the glass was broken."""

    actor: Actor
    role: str
    subscriber: str
    purpose: str
    fields: tuple[str, ...]
    case: str = ""
    reason: str = ""
    second_person: str = ""
    unmasked: bool = False

    def fact(self, now: datetime) -> Fact:
        """The fact the ledger keeps; personal values in a typed reason are masked."""
        payload: dict[str, str | int] = {
            "user": self.actor.ref,
            "role": self.role,
            "case": self.case,
            "purpose": self.purpose,
            "fields": ",".join(self.fields),
            "unmasked": int(self.unmasked),
        }
        optional = {
            "reason": mask_text(self.reason).text,
            "partner": self.actor.partner,
            "second_person": self.second_person,
        }
        payload |= {name: value for name, value in optional.items() if value}
        return Fact(
            kind="DataAccessed",
            subscriber=self.subscriber,
            subject=self.case,
            happened_at=now,
            source=SOURCE,
            payload=payload,
        )


def disclose(disclosures: Iterable[Disclosure], *, now: datetime) -> None:
    """State what is about to be shown; raises what the ledger raises."""
    facts = [disclosed.fact(now) for disclosed in disclosures]
    append(facts, now=now)
    data_accessed.send(None, facts=facts, now=now)


def disclose_cases(
    actor: Actor,
    rulings: Mapping[str, Ruling],
    cases: Collection[Case],
    *,
    fields: Collection[str],
    now: datetime,
) -> None:
    """State a look at the same fields in each of some cases; `rulings` is by case.

    One look per person, case and visit: what the same person was shown in the same case within
    `VISIT` is not stated again.
    """
    seen = _seen_by(actor, [case.ref for case in cases], now)
    disclose(
        (
            disclosure(
                actor,
                rulings[case.ref],
                subscriber=case.subscriber,
                purpose=case.purpose,
                fields=fields,
                case=case.ref,
            )
            for case in cases
            if case.ref not in seen or not seen[case.ref].issuperset(fields)
        ),
        now=now,
    )


def _seen_by(actor: Actor, cases: Collection[str], now: datetime) -> dict[str, set[str]]:
    """Case → what this person was shown of it, masked, during the visit that lasts."""
    if actor.kind != "user" or not cases:
        return {}
    seen: dict[str, set[str]] = {}
    for fact in facts_on(cases, kinds=["DataAccessed"], start=now - VISIT):
        if fact.payload["user"] == actor.ref and not fact.payload["unmasked"]:
            seen.setdefault(fact.subject, set()).update(str(fact.payload["fields"]).split(","))
    return seen


@contextmanager
def shown_only_if_recorded(actor: Actor) -> Iterator[None]:
    """A transaction for a look; for a person it is the outermost one.

    What a person was shown cannot be rolled back, so the fact must be committed by then. The
    platform's own steps may be part of a larger transaction: they show nothing to anybody.
    """
    with transaction.atomic(durable=actor.kind != "system"):
        yield


def disclosure(
    actor: Actor,
    ruling: Ruling,
    *,
    subscriber: str,
    purpose: str,
    fields: Collection[str],
    case: str = "",
) -> Disclosure:
    """A look under a ruling."""
    return Disclosure(
        actor=actor,
        role=ruling.role,
        subscriber=subscriber,
        purpose=purpose,
        fields=tuple(fields),
        case=case,
    )
