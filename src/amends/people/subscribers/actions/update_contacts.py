"""Take over what the register says now of people known: another number, mailbox, address, area.

A number or mailbox that was theirs stays theirs for its time: whatever came from it then is found,
handed out and erased with the rest. It rests sealed beside its index entry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from amends.people.subscribers.actions.former_contacts import ContactMove, move
from amends.people.subscribers.actions.register import NewSubscriber
from amends.people.subscribers.models import IndexEntry, Subscriber
from amends.people.subscribers.queries.owners import owners_of_keys
from amends.people.subscribers.queries.personal import (
    CUSTOMER_KEY,
    INDEXED_FIELDS,
    PERSONAL_FIELDS,
    index_entries,
    normal_form,
    open_personal,
    sealed_columns,
    sealed_value,
)
from amends.platform.database.rows import create, update
from amends.platform.vault.data_keys import SubscriberKey, data_keys

LABELS = ("zone", "province", "area", "brand")


def take_over(
    details_by_person: Mapping[str, NewSubscriber], *, now: datetime, back: Collection[str] = ()
) -> Counter[str]:
    """Take over what the register says of each pseudonym; field → how many people it changed for.

    Empty values change nothing, and keys are added. Who was erased stays so.

    back  who is served, if they were known to have left: their number is theirs as if they had
          never left, unless somebody else had it meanwhile
    """
    change_counts: Counter[str] = Counter()
    people_by_change: dict[tuple[str, ...], list[Subscriber]] = defaultdict(list)
    moves: list[ContactMove] = []
    with transaction.atomic():
        people = Subscriber.objects.select_for_update().filter(
            pseudonym__in=list(details_by_person)
        )
        known_people = [
            subscriber_row
            for subscriber_row in people.order_by("pseudonym")
            if subscriber_row.status != "erased"
        ]
        names = [subscriber_row.pseudonym for subscriber_row in known_people]
        keys, stored_values = data_keys(names), open_personal(names, PERSONAL_FIELDS)
        _add_keys({name: details_by_person[name].customer_keys for name in names}, keys, now)
        for person in known_people:
            name, until = person.pseudonym, now
            values, details = stored_values[name], details_by_person[name]
            changed_values = _news(values, details)
            changed = list(changed_values)
            moved = {
                field: changed_values[field] for field in INDEXED_FIELDS if field in changed_values
            }
            if name in back and person.status == Subscriber.Status.LEFT:
                until = person.left_at or now
                moved.setdefault("phone", values["phone"])
                person.status, person.left_at = Subscriber.Status.ACTIVE, None
                changed += ["status", "left_at"]
            for field, sealed in sealed_columns(keys[name], changed_values).items():
                setattr(person, field, sealed)
            for field in LABELS:
                if (value := getattr(details, field)) and value != getattr(person, field):
                    setattr(person, field, value)
                    changed.append(field)
            moves += [
                ContactMove(
                    key=keys[name], column=field, before=values[field], after=value, until=until
                )
                for field, value in moved.items()
                if value
            ]
            if changed:
                people_by_change[tuple(changed)].append(person)
                change_counts.update(changed)
        for fields, changed_people in people_by_change.items():
            update(changed_people, fields)
        move(moves, now=now)
    return change_counts


def _news(values: Mapping[str, str], details: NewSubscriber) -> dict[str, str]:
    """Field → what is said now, where that is another value than the one on record."""
    new_values = {field: getattr(details, field) for field in PERSONAL_FIELDS}
    return {
        field: value
        for field, value in new_values.items()
        if value.strip() and normal_form(field, value) != normal_form(field, values[field])
    }


def _add_keys(
    keys_by_person: Mapping[str, Collection[str]], keys: Mapping[str, SubscriberKey], now: datetime
) -> None:
    """Note the operator's keys that are not on record yet."""
    owners_by_key = owners_of_keys(own for own_keys in keys_by_person.values() for own in own_keys)
    new = [
        (name, own)
        for name, own_keys in keys_by_person.items()
        for own in own_keys
        if own not in owners_by_key
    ]
    entries = index_entries(CUSTOMER_KEY, [own for _, own in new])
    create(
        IndexEntry(
            subscriber_id=name,
            column=CUSTOMER_KEY,
            entry=entry,
            since=now,
            value=sealed_value(keys[name], entry, own),
        )
        for (name, own), entry in zip(new, entries, strict=True)
    )
