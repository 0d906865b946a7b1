"""Take over what the register says now of people known: another number, mailbox, address, area.

A number or mailbox that was theirs stays theirs for its time: whatever came from it then is found,
handed out and erased with the rest. It rests sealed beside its index entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from amends.subscribers.actions.register import NewSubscriber
from amends.subscribers.models import IndexEntry, Subscriber
from amends.subscribers.personal import (
    INDEXED_FIELDS,
    PERSONAL_FIELDS,
    index_entries,
    normal_form,
    open_personal,
    sealed_columns,
    sealed_former,
)
from amends.vault.data_keys import SubscriberKey, data_keys

_LABELS = ("zone", "province", "area", "brand")
Said = Mapping[str, Sequence[NewSubscriber]]


@dataclass(slots=True)
class TakenOver:
    """What was taken over: field → how many people it changed for.

    unsure  who have another number, mailbox, address or name in the register, and are known by one
            number or mailbox alone: it may be somebody else's by now, so nothing was taken over
    """

    changed: Counter[str] = field(default_factory=Counter)
    unsure: set[str] = field(default_factory=set)


def take_over(said: Said, *, now: datetime) -> TakenOver:
    """Pseudonym → the rows of the register that speak of this person; empty values change nothing.

    Personal values are taken over where the identity card is the one on record, or the name is, if
    no card says otherwise; labels (area, province, brand, time zone) always. Of somebody with
    several numbers in the register, the one on record stays while it is among them. Who was erased
    stays so.
    """
    done = TakenOver()
    with transaction.atomic():
        people = Subscriber.objects.select_for_update().filter(pseudonym__in=list(said))
        known = [one for one in people.order_by("pseudonym") if one.status != "erased"]
        names = [one.pseudonym for one in known]
        keys, held = data_keys(names), open_personal(names, PERSONAL_FIELDS)
        for person in known:
            rows, values = said[person.pseudonym], held.get(person.pseudonym)
            changed = _labels(person, rows)
            if values is not None and (news := _news(values, rows)):
                if _is_surely(values, rows):
                    _write(person, keys[person.pseudonym], values, news, now)
                    changed += list(news)
                else:
                    done.unsure.add(person.pseudonym)
            if changed:
                person.save(update_fields=changed)
                done.changed.update(changed)
    return done


def _labels(person: Subscriber, rows: Sequence[NewSubscriber]) -> list[str]:
    """Set what changed of somebody's labels; which did."""
    found = []
    for name in _LABELS:
        if value := _another(getattr(person, name), [getattr(row, name) for row in rows], str):
            setattr(person, name, value)
            found.append(name)
    return found


def _news(values: Mapping[str, str], rows: Sequence[NewSubscriber]) -> dict[str, str]:
    """Field → what the register says now, where that is not on record."""
    found = {
        name: _another(values[name], [getattr(row, name) for row in rows], _form(name))
        for name in PERSONAL_FIELDS
    }
    return {name: value for name, value in found.items() if value}


def _another(held: str, given: Sequence[str], form: Callable[[str], str]) -> str:
    """The first value given, if the one held is not among them; else ""."""
    said = [value for value in given if value.strip()]
    return said[0] if said and form(held) not in map(form, said) else ""


def _form(name: str) -> Callable[[str], str]:
    if name in INDEXED_FIELDS:
        return lambda value: normal_form(name, value) if value else ""
    return lambda value: "".join(value.split()).casefold()


def _is_surely(values: Mapping[str, str], rows: Sequence[NewSubscriber]) -> bool:
    """Whether these rows speak of this person: by the identity card, or by the name where the row
    or the record has no card."""
    for name in ("id_card", "name"):
        form = _form(name)
        given = {form(value) for row in rows if (value := getattr(row, name))}
        if given and values[name]:
            return given == {form(values[name])}
    return False


def _write(
    person: Subscriber,
    key: SubscriberKey,
    values: Mapping[str, str],
    news: Mapping[str, str],
    now: datetime,
) -> None:
    """Set the sealed values, and let index entries follow; the caller saves the person."""
    for name, sealed in sealed_columns(key, news).items():
        setattr(person, name, sealed)
    for name in news.keys() & set(INDEXED_FIELDS):
        before, after = index_entries(name, [values[name], news[name]])
        own = IndexEntry.objects.filter(subscriber=person, column=name)
        if before:
            was = sealed_former(key, before, values[name])
            own.filter(entry=before).update(until=now, former=was)
        # Back at a number they had before: it was theirs all the time, as far as anybody can tell.
        if not own.filter(entry=after).update(until=None, former=None):
            IndexEntry.objects.create(subscriber=person, column=name, entry=after)
