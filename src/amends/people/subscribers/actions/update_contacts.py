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
    said: Mapping[str, NewSubscriber], *, now: datetime, back: Collection[str] = ()
) -> Counter[str]:
    """Take over what the register says of each pseudonym; field → how many people it changed for.

    Empty values change nothing, and keys are added. Who was erased stays so.

    back  who is served, if they were known to have left: their number is theirs as if they had
          never left, unless somebody else had it meanwhile
    """
    done: Counter[str] = Counter()
    alike: dict[tuple[str, ...], list[Subscriber]] = defaultdict(list)
    moves: list[ContactMove] = []
    with transaction.atomic():
        people = Subscriber.objects.select_for_update().filter(pseudonym__in=list(said))
        known = [one for one in people.order_by("pseudonym") if one.status != "erased"]
        names = [one.pseudonym for one in known]
        keys, held = data_keys(names), open_personal(names, PERSONAL_FIELDS)
        _add_keys({name: said[name].customer_keys for name in names}, keys, now)
        for person in known:
            name, until = person.pseudonym, now
            values, told = held[name], said[name]
            news = _news(values, told)
            changed = list(news)
            moved = {field: news[field] for field in INDEXED_FIELDS if field in news}
            if name in back and person.status == Subscriber.Status.LEFT:
                until = person.left_at or now
                moved.setdefault("phone", values["phone"])
                person.status, person.left_at = Subscriber.Status.ACTIVE, None
                changed += ["status", "left_at"]
            for field, sealed in sealed_columns(keys[name], news).items():
                setattr(person, field, sealed)
            for field in LABELS:
                if (value := getattr(told, field)) and value != getattr(person, field):
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
                alike[tuple(changed)].append(person)
                done.update(changed)
        for fields, some in alike.items():
            update(some, fields)
        move(moves, now=now)
    return done


def _news(values: Mapping[str, str], told: NewSubscriber) -> dict[str, str]:
    """Field → what is said now, where that is another value than the one on record."""
    given = {field: getattr(told, field) for field in PERSONAL_FIELDS}
    return {
        field: value
        for field, value in given.items()
        if value.strip() and normal_form(field, value) != normal_form(field, values[field])
    }


def _add_keys(
    given: Mapping[str, Collection[str]], keys: Mapping[str, SubscriberKey], now: datetime
) -> None:
    """Note the operator's keys that are not on record yet."""
    known = owners_of_keys(own for some in given.values() for own in some)
    new = [(name, own) for name, some in given.items() for own in some if own not in known]
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
