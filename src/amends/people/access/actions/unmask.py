"""Unmask: show values in full, with a typed reason; an event of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from amends.people.access.actions.disclosure import disclose, disclosure, shown_only_if_recorded
from amends.people.access.actions.look import checked_fields
from amends.people.access.queries.authority import authorise_case
from amends.people.access.queries.cases import find
from amends.people.subscribers.queries import times_theirs
from amends.people.subscribers.queries.personal import (
    index_entries,
    open_customer_keys,
    open_former,
    open_personal,
)
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import Period
from amends.platform.kit.texts import says_why


class UnableToUnmask(BadInput):
    """The reason says nothing."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class Unmasked:
    """All that finds the subscriber of a case.

    values         what `unmask` gives
    addresses      every number and mailbox, those they had before too, once for each time while it
                   was theirs
    former         those they had before, with the moment until which the register named them
    customer_keys  the operator's own keys of them
    """

    values: dict[str, str]
    addresses: list[tuple[str, Period]]
    former: list[tuple[str, datetime]]
    customer_keys: list[str]


def unmask_addresses(
    actor: Actor, case: str, *, besides: Collection[str] = (), reason: str, now: datetime
) -> Unmasked:
    """Phone, email and the fields `besides`, and what else finds the case's subscriber."""
    values = unmask(actor, case, ("phone", "email", *besides), reason=reason, now=now)
    pseudonym = find(case).subscriber
    current_addresses = [
        (entry, values[field])
        for field in ("phone", "email")
        for entry in index_entries(field, [values[field]])
    ]
    former = open_former(pseudonym)
    times = times_theirs(pseudonym)
    every = (*((entry, address) for entry, address, _ in former), *current_addresses)
    addresses = {entry: address for entry, address in every if address}
    theirs = [(address, time) for entry, address in addresses.items() for time in times[entry]]
    before = [(address, until) for _, address, until in former]
    return Unmasked(
        values=values, addresses=theirs, former=before, customer_keys=open_customer_keys(pseudonym)
    )


def unmask(
    actor: Actor, case: str, fields: Collection[str], *, reason: str, now: datetime
) -> dict[str, str]:
    """The full values of a case's subscriber; the subscriber can see that it was done, and why.

    A value that is not held (never given, or erased) is "".
    """
    wanted = checked_fields(fields)
    check_reason(reason)
    with shown_only_if_recorded(actor):
        case_row = find(case)
        ruling = authorise_case(actor, "unmask", case_row, now=now, fields=wanted)
        values = open_personal([case_row.subscriber], wanted).get(case_row.subscriber, {})
        disclosed = disclosure(
            actor,
            ruling,
            subscriber=case_row.subscriber,
            purpose=case_row.purpose,
            fields=wanted,
            case=case_row.ref,
        )
        disclose([replace(disclosed, reason=reason, unmasked=True)], now=now)
    return {field: values.get(field, "") for field in wanted}


def check_reason(reason: str) -> None:
    """Refuse a reason too short to say anything."""
    if not says_why(reason):
        raise UnableToUnmask(
            _("The reason is too short."),
            meaning=_("The person concerned will read it."),
            next_step=_(
                "Say why, in a few words: at least six letters or three Chinese characters."
            ),
        )
