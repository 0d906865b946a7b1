"""The personal columns: how they are sealed, indexed and opened. Only `access` may open them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from amends.database.prepared_queries import PreparedQueryForKeys
from amends.kit.person_names import Name, read_name
from amends.subscribers.models import IndexEntry, Subscriber
from amends.vault.data_keys import SubscriberKey, data_keys
from amends.vault.indexes import blind_index_many
from amends.vault.normal_forms import normal_email, normal_id_card, normal_phone, phone_region

PERSONAL_FIELDS = ("name", "phone", "id_card", "address", "email")
INDEXED_FIELDS = ("phone", "id_card", "email")
_TABLE = Subscriber._meta.db_table
_FORMER_TABLE = IndexEntry._meta.db_table


def sealed_columns(key: SubscriberKey, values: Mapping[str, str]) -> dict[str, bytes]:
    """The sealed bytes of one subscriber's personal columns."""
    return key.seal_row(_TABLE, key.subscriber, values)


def normal_form(field: str, value: str) -> str:
    """One spelling of a phone (as the operator's country reads it), mailbox, identity card; of a
    name or an address without spaces and large letters."""
    if field not in INDEXED_FIELDS:
        return "".join(value.split()).casefold()
    if field == "phone":
        return normal_phone(value, region=phone_region(settings.JURISDICTION))
    return normal_email(value) if field == "email" else normal_id_card(value)


def index_entries(field: str, values: Sequence[str]) -> list[str]:
    """The blind index entries of phones, mailboxes or identity cards, in any spelling and the order
    given; "" stays ""."""
    given = [value for value in values if value]
    found = iter(blind_index_many(field, [normal_form(field, value) for value in given]))
    return [next(found) if value else "" for value in values]


def open_personal(pseudonyms: Iterable[str], fields: Iterable[str]) -> dict[str, dict[str, str]]:
    """The personal values of some subscribers, for `access` alone; an erased one is absent.

    A value that was never given is "".
    """
    wanted = [field for field in fields if field in PERSONAL_FIELDS]
    names = list(pseudonyms)
    keys = data_keys(names)
    return {
        whose: {
            field: keys[whose].open(_TABLE, field, whose, bytes(value))
            for field, value in zip(wanted, sealed, strict=True)
        }
        for whose, *sealed in _sealed(tuple(wanted)).rows(list(keys))
    }


def names_on_record(pseudonyms: Iterable[str]) -> dict[str, Name]:
    """The names of some subscribers as names are compared, for this app alone."""
    held = open_personal(pseudonyms, ("name",))
    return {whose: read_name(values["name"]) for whose, values in held.items()}


def sealed_former(key: SubscriberKey, entry: str, value: str) -> bytes:
    """The sealed bytes of a number or mailbox that is the subscriber's no more."""
    return key.seal_row(_FORMER_TABLE, entry, {"former": value})["former"]


def open_former(pseudonym: str) -> list[tuple[str, str, datetime]]:
    """The numbers and mailboxes that were a subscriber's before, for `access` alone: each with its
    index entry and the moment until which it was, the oldest first."""
    key = data_keys([pseudonym]).get(pseudonym)
    own = IndexEntry.objects.filter(subscriber=pseudonym, column__in=INDEXED_FIELDS)
    rows = own.filter(until__isnull=False).order_by("until", "id")
    return [] if key is None else [
        (entry, key.open(_FORMER_TABLE, "former", entry, bytes(former or b"")), until)
        for entry, former, until in rows.values_list("entry", "former", "until")
        if until
    ]  # fmt: skip


@lru_cache(maxsize=32)
def _sealed(fields: tuple[str, ...]) -> PreparedQueryForKeys:
    return PreparedQueryForKeys(
        lambda wanted: Subscriber.objects.filter(pseudonym__in=wanted).values_list(
            "pseudonym", *fields
        )
    )
