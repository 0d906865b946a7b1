"""What a line has bought and paid in, and what is left of its balance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from amends.causes.notices.models import LineChange
from amends.causes.notices.queries.places import place_of
from amends.causes.notices.queries.registered_lines import PAID_OR_AGREED, registered_terms
from amends.people.subscribers.queries import allowances_of, services_of, subscriber
from amends.platform.kit.packs import day_in, pack
from amends.platform.kit.periods import from_ms, just_after, to_ms
from amends.record.ledger.queries import facts_on

_NEWEST = 10


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One change of a line as it was stated; `waits` until the engine has taken it up."""

    service: str
    subscriber: str
    kind: str
    counter: str
    amount: int
    plan: str
    at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class LineAccount:
    """A line with a balance, or with something bought.

    left_minor  of the balance after the charges known; None for a line without one
    known_at    the last charge or payment it rests on
    """

    service: str
    currency: str
    left_minor: int | None
    known_at: datetime | None
    entries: tuple[AccountEntry, ...]


def accounts_of(pseudonym: str, *, now: datetime) -> list[LineAccount]:
    """The lines of a subscriber that have a balance, or on which something was bought."""
    person = subscriber(pseudonym)
    if person is None:
        return []
    running = [service.ref for service in services_of(pseudonym) if service.stopped_at is None]
    jurisdiction = place_of(person)
    currency = pack(jurisdiction, day_in(jurisdiction, now)).currency
    begun, stated = _begun(running), _event_words(running, now)
    paid = {
        ref: [
            statement for statement in stated if statement.service == ref and _of_money(statement)
        ]
        for ref in running
    }
    prepaid = [ref for ref in running if ref in begun or paid[ref]]
    spent = _spent(prepaid, currency, now)
    accounts = []
    for ref in running:
        entries = tuple(statement for statement in reversed(stated) if statement.service == ref)[
            :_NEWEST
        ]
        left, known_at = (
            _left(begun.get(ref), paid[ref], spent.get(ref, [])) if ref in prepaid else (None, None)
        )
        if left is not None or entries:
            accounts.append(
                LineAccount(
                    service=ref,
                    currency=currency,
                    left_minor=left,
                    known_at=known_at,
                    entries=entries,
                )
            )
    return accounts


def recent_line_changes(*, limit: int = 100) -> list[AccountEntry]:
    """Changes of lines, newest first; subscribers are pseudonyms."""
    rows = list(LineChange.objects.filter(kind__in=PAID_OR_AGREED).order_by("-id")[:limit])
    owners = allowances_of({row.service for row in rows})
    return [
        _entry(row, owners[row.service].subscriber if row.service in owners else "") for row in rows
    ]


def _event_words(services: Collection[str], now: datetime) -> list[AccountEntry]:
    rows = LineChange.objects.filter(
        service__in=list(services), kind__in=PAID_OR_AGREED, at_ms__lte=to_ms(now)
    )
    return [_entry(row, "") for row in rows.order_by("at_ms", "id")]


def _entry(row: LineChange, owner: str) -> AccountEntry:
    return AccountEntry(
        service=row.service,
        subscriber=owner,
        kind=row.kind,
        counter=row.counter,
        amount=row.amount,
        plan=row.plan,
        at=from_ms(row.at_ms),
        waits=not row.taken,
    )


def _of_money(entry: AccountEntry) -> bool:
    return entry.kind == "balance" or (entry.kind == "top_up" and entry.counter == "money")


def _begun(services: Sequence[str]) -> dict[str, int]:
    """Service → the balance it was enrolled with, of those that have one."""
    first_balances: dict[str, int] = {}
    wanted = pa.array(services, pa.string())
    for table in registered_terms():
        mine = table.filter(pc.is_in(table["service"], value_set=wanted))
        for row in mine.select(["service", "balance_minor"]).to_pylist():
            first_balances.setdefault(row["service"], row["balance_minor"])
    return {ref: minor for ref, minor in first_balances.items() if minor > 0}


def _spent(
    services: Sequence[str], currency: str, now: datetime
) -> dict[str, list[tuple[int, int]]]:
    """Service → moment and amount of each charge."""
    spent_by_service: dict[str, list[tuple[int, int]]] = {}
    charges = facts_on(services, kinds={"ChargeMade"}, end=just_after(now)) if services else []
    for fact in charges:
        if fact.payload["currency"] == currency:
            spending = to_ms(fact.happened_at), int(fact.payload["amount_minor"])
            spent_by_service.setdefault(fact.subject, []).append(spending)
    return spent_by_service


def _left(
    begun: int | None, paid: Sequence[AccountEntry], spent: Sequence[tuple[int, int]]
) -> tuple[int, datetime | None]:
    """What is left, and when that was known last. What was stated last holds, and what came after.

    A payment into a line that had no balance is where its balance begins.
    """
    left, since_ms = begun, 0
    for payment in paid:
        if payment.kind == "balance" or left is None:
            left, since_ms = payment.amount, to_ms(payment.at)
        else:
            left += payment.amount
    later = [(at, minor) for at, minor in spent if at >= since_ms]
    moments = [at for at, _ in later] + [to_ms(payment.at) for payment in paid]
    return (left or 0) - sum(minor for _, minor in later), (
        from_ms(max(moments)) if moments else None
    )
