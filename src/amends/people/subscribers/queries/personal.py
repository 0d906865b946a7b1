"""The personal columns: how they are sealed, indexed and opened. Only `access` may open them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from amends.people.subscribers.models import IndexEntry, Subscriber
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.vault.data_keys import SubscriberKey, data_keys
from amends.platform.vault.indexes import blind_index_many
from amends.platform.vault.normal_forms import (
    normal_email,
    normal_id_card,
    normal_phone,
    phone_region,
)

PERSONAL_FIELDS = ("name", "phone", "id_card", "address", "email")
INDEXED_FIELDS = ("phone", "id_card", "email")
CUSTOMER_KEY = "customer_key"
_TABLE = Subscriber._meta.db_table
_ENTRY_TABLE = IndexEntry._meta.db_table


def sealed_columns(key: SubscriberKey, values: Mapping[str, str]) -> dict[str, bytes]:
    """The sealed bytes of one subscriber's personal columns."""
    return key.seal_row(_TABLE, key.subscriber, values)


def normal_form(field: str, value: str) -> str:
    """One spelling of a phone (as the operator's country reads it), mailbox, identity card; of a
    name or an address without spaces and large letters; a customer key stays as it is."""
    if field == CUSTOMER_KEY:
        return value.strip()
    if field not in INDEXED_FIELDS:
        return "".join(value.split()).casefold()
    if field == "phone":
        return normal_phone(value, region=phone_region(settings.JURISDICTION))
    return normal_email(value) if field == "email" else normal_id_card(value)


def index_entries(field: str, values: Sequence[str]) -> list[str]:
    """The blind index entries of phones, mailboxes, identity cards or customer keys, in the order
    given and any spelling; "" stays ""."""
    filled = [value for value in values if value]
    indexes = iter(blind_index_many(field, [normal_form(field, value) for value in filled]))
    return [next(indexes) if value else "" for value in values]


def open_personal(pseudonyms: Iterable[str], fields: Iterable[str]) -> dict[str, dict[str, str]]:
    """The personal values of some subscribers, for `access` alone; an erased one is absent.

    A value that was never given is "".
    """
    wanted = [field for field in fields if field in PERSONAL_FIELDS]
    names = list(pseudonyms)
    keys = data_keys(names)
    return {
        pseudonym: {
            field: keys[pseudonym].open(_TABLE, field, pseudonym, bytes(value))
            for field, value in zip(wanted, sealed, strict=True)
        }
        for pseudonym, *sealed in _sealed(tuple(wanted)).rows(list(keys))
    }


def sealed_value(key: SubscriberKey, entry: str, value: str) -> bytes:
    """The sealed bytes of a key, number or mailbox that stands beside its index entry."""
    return key.seal_row(_ENTRY_TABLE, entry, {"value": value})["value"]


def open_customer_keys(pseudonym: str) -> list[str]:
    """The operator's own keys of a customer, for `access` alone."""
    key = data_keys([pseudonym]).get(pseudonym)
    rows = IndexEntry.objects.filter(subscriber=pseudonym, column=CUSTOMER_KEY).order_by("id")
    return (
        []
        if key is None
        else [
            key.open(_ENTRY_TABLE, "value", entry, bytes(value or b""))
            for entry, value in rows.values_list("entry", "value")
        ]
    )


def open_former(pseudonym: str) -> list[tuple[str, str, datetime]]:
    """The numbers and mailboxes that were a subscriber's before, for `access` alone: each with its
    index entry and the moment until which it was, the oldest first."""
    key = data_keys([pseudonym]).get(pseudonym)
    own = IndexEntry.objects.filter(subscriber=pseudonym, column__in=INDEXED_FIELDS)
    rows = own.filter(until__isnull=False).order_by("until", "id")
    return (
        []
        if key is None
        else [
            (entry, key.open(_ENTRY_TABLE, "value", entry, bytes(value or b"")), until)
            for entry, value, until in rows.values_list("entry", "value", "until")
            if until
        ]
    )


@lru_cache(maxsize=32)
def _sealed(fields: tuple[str, ...]) -> PreparedQueryForKeys:
    return PreparedQueryForKeys(
        lambda wanted: Subscriber.objects.filter(pseudonym__in=wanted).values_list(
            "pseudonym", *fields
        )
    )
