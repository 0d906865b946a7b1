"""Open cases: the reason for which somebody may look at one subscriber's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.models import Case
from amends.people.access.queries.authority import authorise
from amends.people.access.queries.rights import rules_on
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id


class UnableToOpenCase(BadInput):
    """The subscriber is unknown, or the case has no reference."""

    code = "case_not_opened"


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open.

    reference   what it is about: the reference of a complaint, an appeal, a request
    contact     the message that brought it, "" where a person opens it on their own word
    start, end  the period of evidence, None for no bound
    """

    subscriber: str
    purpose: str
    reference: str
    service: str = ""
    start: datetime | None = None
    end: datetime | None = None
    contact: str = ""


def open_case(
    actor: Actor,
    *,
    subscriber: str,
    purpose: str,
    reference: str,
    service: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
    contact: str = "",
    now: datetime,
) -> str:
    """Open one case and return its reference."""
    new = NewCase(
        subscriber=subscriber,
        purpose=purpose,
        reference=reference,
        service=service,
        start=start,
        end=end,
        contact=contact,
    )
    return open_cases(actor, [new], now=now)[0]


def open_cases(actor: Actor, cases: Sequence[NewCase], *, now: datetime) -> list[str]:
    """Open cases, all or none, and return their references in the order given.

    A case the platform opens is shared with the desk of its purpose; a person's own case is theirs
    until they share it.
    """
    people = subscribers(case.subscriber for case in cases)
    desks = rules_on(timezone.localdate(now)).desks
    checked_pairs: set[tuple[str, str]] = set()
    rows = []
    for case in cases:
        person = people.get(case.subscriber)
        if person is None:
            raise UnableToOpenCase(
                _("There is no such subscriber."), next_step=_("Check the pseudonym.")
            )
        if not case.reference:
            raise UnableToOpenCase(
                _("A case needs a reference."),
                next_step=_("Name the complaint or request it is for."),
            )
        if (case.purpose, person.brand) not in checked_pairs:
            authorise(actor, "open_case", now=now, purpose=case.purpose, brand=person.brand)
            checked_pairs.add((case.purpose, person.brand))
        rows.append(
            Case(
                ref=random_id("case"),
                subscriber=case.subscriber,
                service=case.service,
                purpose=case.purpose,
                reference=case.reference,
                contact=case.contact,
                brand=person.brand,
                period_start=case.start,
                period_end=case.end,
                opened_by=actor.ref,
                opener_kind=actor.kind,
                opened_at=now,
                shared_with_desk=actor.kind == "system" and bool(desks.get(case.purpose)),
            )
        )
    create(rows)
    return [row.ref for row in rows]
