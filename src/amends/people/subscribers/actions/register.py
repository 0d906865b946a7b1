"""Register subscribers: a random pseudonym, a data key each, sealed values, index entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from amends.people.subscribers.models import IndexEntry, Subscriber
from amends.people.subscribers.queries.personal import (
    CUSTOMER_KEY,
    INDEXED_FIELDS,
    PERSONAL_FIELDS,
    index_entries,
    sealed_columns,
    sealed_value,
)
from amends.platform.database.rows import create
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.vault.data_keys import SubscriberKey, make_keys

_SLICE = 5_000


class UnableToRegister(BadInput):
    """A subscriber with this pseudonym or customer key is registered already."""

    code = "subscriber_not_registered"


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """A person to register; personal values may be empty.

    pseudonym  "" for a random one (the rule); given only when another register made it
    customer_keys  the operator's own keys of this customer; nobody else has them
    province   two digits of GB/T 2260, e.g. "41"
    language   "" for that of the installation; zone likewise: where their days begin and end
    left_at    of somebody who is no longer served: when they left
    """

    name: str = ""
    phone: str = ""
    id_card: str = ""
    address: str = ""
    email: str = ""
    language: str = ""
    zone: str = ""
    province: str = ""
    area: str = ""
    brand: str = ""
    pseudonym: str = ""
    customer_keys: tuple[str, ...] = ()
    left_at: datetime | None = None


def register(person: NewSubscriber, *, now: datetime) -> str:
    """Register one subscriber and return the pseudonym."""
    return register_many([person], now=now)[0]


def register_many(people: Sequence[NewSubscriber], *, now: datetime) -> list[str]:
    """Register many, all or none, and return their pseudonyms in the order given."""
    pseudonyms = [person.pseudonym or random_id("sub") for person in people]
    try:
        with transaction.atomic():
            for start in range(0, len(people), _SLICE):
                end = start + _SLICE
                _register_slice(people[start:end], pseudonyms[start:end], now)
    except IntegrityError as error:
        raise UnableToRegister(
            _("A subscriber with one of these pseudonyms or customer keys is registered already."),
            meaning=_("None of them was registered now."),
            next_step=_("Leave the pseudonym empty for new subscribers, or import them again."),
        ) from error
    return pseudonyms


def _register_slice(people: Sequence[NewSubscriber], pseudonyms: list[str], now: datetime) -> None:
    rows = []
    keys = make_keys(pseudonyms)
    for person, key in zip(people, keys, strict=True):
        values = {field: getattr(person, field) for field in PERSONAL_FIELDS}
        rows.append(
            Subscriber(
                pseudonym=key.subscriber,
                language=person.language or settings.LANGUAGE_CODE,
                zone=person.zone or settings.TIME_ZONE,
                province=person.province,
                area=person.area,
                brand=person.brand,
                status=Subscriber.Status.LEFT if person.left_at else Subscriber.Status.ACTIVE,
                registered_at=min(now, person.left_at or now),
                left_at=person.left_at,
                **sealed_columns(key, values),
            )
        )
    create(rows)
    _index(people, keys)


def _index(people: Sequence[NewSubscriber], keys: Sequence[SubscriberKey]) -> None:
    """Plain inserts: narrow rows are the most of what a bulk registration writes."""
    index_rows: list[tuple[str, str, str, bytes | None]] = []
    for field in INDEXED_FIELDS:
        entries = index_entries(field, [getattr(person, field) for person in people])
        index_rows += [
            (key.subscriber, field, entry, None)
            for key, entry in zip(keys, entries, strict=True)
            if entry
        ]
    keyed_values = [
        (key, own) for person, key in zip(people, keys, strict=True) for own in person.customer_keys
    ]
    entries = index_entries(CUSTOMER_KEY, [own for _, own in keyed_values])
    index_rows += [
        (key.subscriber, CUSTOMER_KEY, entry, sealed_value(key, entry, own))
        for (key, own), entry in zip(keyed_values, entries, strict=True)
    ]
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, ("subscriber_id", "column", "entry", "value")))
    table = quote(IndexEntry._meta.db_table)
    insert = f"INSERT INTO {table} ({names}) VALUES (%s, %s, %s, %s)"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(insert, index_rows)
