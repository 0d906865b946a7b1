"""Register subscribers: a random pseudonym, a data key each, sealed values, index entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from amends.database.rows import create
from amends.kit.errors import BadInput
from amends.kit.ids import random_id
from amends.subscribers.models import IndexEntry, Subscriber
from amends.subscribers.queries.personal import (
    INDEXED_FIELDS,
    PERSONAL_FIELDS,
    normal_form,
    sealed_columns,
)
from amends.vault.data_keys import make_keys
from amends.vault.indexes import blind_index_many

_SLICE = 5_000


class UnableToRegister(BadInput):
    """A subscriber with this pseudonym is registered already."""

    code = "subscriber_not_registered"


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """A person to register; personal values may be empty.

    pseudonym  "" for a random one (the rule); given only when another register made it
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
            _("A subscriber with one of these pseudonyms is registered already."),
            meaning=_("None of them was registered now."),
            next_step=_("Leave the pseudonym empty for new subscribers."),
        ) from error
    return pseudonyms


def _register_slice(people: Sequence[NewSubscriber], pseudonyms: list[str], now: datetime) -> None:
    rows = []
    for person, key in zip(people, make_keys(pseudonyms), strict=True):
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
    _index(people, pseudonyms)


def _index(people: Sequence[NewSubscriber], pseudonyms: list[str]) -> None:
    """Plain inserts: four narrow rows a person are the most of what a bulk registration writes."""
    entries: list[tuple[str, str, str]] = []
    for field in INDEXED_FIELDS:
        given = [
            (pseudonym, normal_form(field, value))
            for person, pseudonym in zip(people, pseudonyms, strict=True)
            if (value := getattr(person, field))
        ]
        found = blind_index_many(field, [value for _, value in given])
        entries += [(owner, field, entry) for (owner, _), entry in zip(given, found, strict=True)]
    table = connection.ops.quote_name(IndexEntry._meta.db_table)
    column = connection.ops.quote_name("column")
    insert = f"INSERT INTO {table} (subscriber_id, {column}, entry) VALUES (%s, %s, %s)"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(insert, entries)
