"""Take over what the register says now of people known: another number, mailbox, address, area.

A number or mailbox that was theirs stays theirs for its time: whatever came from it then is found,
handed out and erased with the rest. It rests sealed beside its index entry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction

from amends.database.rows import update
from amends.kit.person_names import agree, read_name, relation
from amends.subscribers.actions.register import NewSubscriber
from amends.subscribers.former_contacts import ContactMove, move
from amends.subscribers.models import Subscriber
from amends.subscribers.queries.personal import (
    INDEXED_FIELDS,
    PERSONAL_FIELDS,
    normal_form,
    open_personal,
    sealed_columns,
)
from amends.vault.data_keys import SubscriberKey, data_keys

_LABELS = ("zone", "province", "area", "brand")
Said = Mapping[str, Sequence[NewSubscriber]]


@dataclass(slots=True)
class TakenOver:
    """What was taken over: field → how many people it changed for.

    unsure  whom the register has with another number, mailbox, address or name, in a row that knows
            them by one number or mailbox alone: it may be somebody else's by now
    """

    changed: Counter[str] = field(default_factory=Counter)
    unsure: set[str] = field(default_factory=set)


def take_over(said: Said, *, now: datetime) -> TakenOver:
    """Pseudonym → the rows of the register that speak of this person; empty values change nothing.

    Personal values are taken over from rows with the identity card on record, or with the name, if
    no card says otherwise; labels (area, province, brand, time zone) from all but those with
    another card or name. Of somebody with several numbers in the register, the one on record stays
    while it is among them. Who was erased stays so.
    """
    done = TakenOver()
    with transaction.atomic():
        people = Subscriber.objects.select_for_update().filter(pseudonym__in=list(said))
        known = [one for one in people.order_by("pseudonym") if one.status != "erased"]
        names = [one.pseudonym for one in known]
        keys, held = data_keys(names), open_personal(names, PERSONAL_FIELDS)
        moves: list[ContactMove] = []
        alike: dict[tuple[str, ...], list[Subscriber]] = defaultdict(list)
        for person in known:
            rows, values = said[person.pseudonym], held[person.pseudonym]
            about = [(_is_about(values, row), row) for row in rows]
            changed = _labels(person, [row for answer, row in about if answer is not False])
            if news := _news(values, rows, [row for answer, row in about if answer]):
                moves += _write(person, keys[person.pseudonym], values, news)
                changed += news
            if _news(values, rows, rows).keys() - news:
                done.unsure.add(person.pseudonym)
            if changed:
                alike[tuple(changed)].append(person)
                done.changed.update(changed)
        for fields, some in alike.items():
            update(some, fields)
        move(moves, now=now)
    return done


def _labels(person: Subscriber, rows: Sequence[NewSubscriber]) -> list[str]:
    """Set what changed of somebody's labels; which did."""
    found = []
    for name in _LABELS:
        given = [getattr(row, name) for row in rows]
        if value := _another(getattr(person, name), given, given, str):
            setattr(person, name, value)
            found.append(name)
    return found


def _news(
    values: Mapping[str, str], rows: Sequence[NewSubscriber], sure: Sequence[NewSubscriber]
) -> dict[str, str]:
    """Field → what sure rows say now, where no row says what is on record."""
    found = {
        name: _another(
            values[name],
            [getattr(row, name) for row in sure],
            [getattr(row, name) for row in rows],
            partial(normal_form, name),
        )
        for name in PERSONAL_FIELDS
        if name != "name"
    }
    found["name"] = _another_name(values["name"], sure, rows)
    return {name: value for name, value in found.items() if value}


def _another(
    held: str, given: Sequence[str], among: Sequence[str], form: Callable[[str], str]
) -> str:
    """The first value given, if the one held is not among what is said; else ""."""
    first = next((value for value in given if value.strip()), "")
    return first if first and form(held) not in map(form, filter(str.strip, among)) else ""


def _another_name(held: str, sure: Sequence[NewSubscriber], rows: Sequence[NewSubscriber]) -> str:
    """Another name than the one held: not another spelling of it, nor a part, such as 王**."""
    if all(row.name in (held, "") for row in rows):
        return ""
    known = read_name(held)
    if any(agree(known, read_name(row.name)) for row in rows):
        return ""
    names = [(row.name, read_name(row.name)) for row in sure if row.name.strip()]
    whole = [text for text, name in names if name.spellings]
    if not known.spellings:
        return next((one for one in whole or [text for text, _ in names]
                     if not held.strip() or whole), "")  # fmt: skip
    return next((text for text, name in names if agree(known, name) is False), "")


def _is_about(values: Mapping[str, str], row: NewSubscriber) -> bool | None:
    """Whether a row speaks of this person: by the identity card, or by the name where the row or
    the record has no card; None where neither tells."""
    cards = [normal_form("id_card", one) if one else "" for one in (values["id_card"], row.id_card)]
    if all(cards):
        return cards[0] == cards[1]
    return relation(cards[0], [read_name(values["name"])], cards[1], [read_name(row.name)])


def _write(
    person: Subscriber, key: SubscriberKey, values: Mapping[str, str], news: Mapping[str, str]
) -> list[ContactMove]:
    """Set the sealed values of a person, whom the caller saves; which index entries follow."""
    for name, sealed in sealed_columns(key, news).items():
        setattr(person, name, sealed)
    return [
        ContactMove(key, name, values[name], news[name]) for name in INDEXED_FIELDS if name in news
    ]
