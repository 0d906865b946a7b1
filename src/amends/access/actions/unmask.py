"""Unmask: show values in full, with a typed reason; an event of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from amends.access.actions.look import checked_fields
from amends.access.actors import Actor
from amends.access.authority import authorise_case
from amends.access.cases import find
from amends.access.disclosure import disclose, disclosure, shown_only_if_recorded
from amends.kit.errors import BadInput
from amends.kit.periods import Period
from amends.kit.texts import says_why
from amends.subscribers.queries import times_theirs
from amends.subscribers.queries.personal import index_entries, open_former, open_personal


class UnableToUnmask(BadInput):
    """The reason says nothing."""

    code = "reason_missing"


def unmask_addresses(
    actor: Actor, case: str, *, besides: Collection[str] = (), reason: str, now: datetime
) -> tuple[dict[str, str], list[tuple[str, Period]], list[tuple[str, datetime]]]:
    """What `unmask` gives of phone, email and the fields `besides`; every number and mailbox of the
    case's subscriber, those they had before too, once for each time while it was theirs; and those
    they had before, with the moment until which the register named them."""
    values = unmask(actor, case, ("phone", "email", *besides), reason=reason, now=now)
    whose = find(case).subscriber
    known = [
        (entry, values[field])
        for field in ("phone", "email")
        for entry in index_entries(field, [values[field]])
    ]
    former = open_former(whose)
    times = times_theirs(whose)
    every = (*((entry, address) for entry, address, _ in former), *known)
    addresses = {entry: address for entry, address in every if address}
    theirs = [(address, time) for entry, address in addresses.items() for time in times[entry]]
    return values, theirs, [(address, until) for _, address, until in former]


def unmask(
    actor: Actor, case: str, fields: Collection[str], *, reason: str, now: datetime
) -> dict[str, str]:
    """The full values of a case's subscriber; the subscriber can see that it was done, and why.

    A value that is not held (never given, or erased) is "".
    """
    wanted = checked_fields(fields)
    check_reason(reason)
    with shown_only_if_recorded(actor):
        found = find(case)
        ruling = authorise_case(actor, "unmask", found, now=now, fields=wanted)
        values = open_personal([found.subscriber], wanted).get(found.subscriber, {})
        shown = disclosure(
            actor,
            ruling,
            subscriber=found.subscriber,
            purpose=found.purpose,
            fields=wanted,
            case=found.ref,
        )
        disclose([replace(shown, reason=reason, unmasked=True)], now=now)
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
