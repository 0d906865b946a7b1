"""Addresses of people, findable without being readable, and what rests sealed beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Q

from amends.people.subscribers.queries import normal_form
from amends.platform.kit.periods import Period
from amends.platform.vault.indexes import blind_index_many
from amends.platform.vault.sealing import open_many, open_sealed

if TYPE_CHECKING:
    from django.db.models import Model


def contact_index(address: str) -> str:
    """The blind index under which a mailbox or telephone number is found again; "" for none."""
    return contact_indexes([address])[0]


def of_addresses(addresses: Iterable[tuple[str, Period]], *, index: str, moment: str) -> Q:
    """Rows from or to somebody's mailboxes and numbers.

    addresses      each with a time while it was theirs: what came before and after is another
                   person's
    index, moment  the columns that hold the blind index of the address, and when it was used
    """
    condition = Q(**{f"{index}__in": []})
    address_list = list(addresses)
    entries = contact_indexes([address for address, _ in address_list])
    for entry, (_, theirs) in zip(entries, address_list, strict=True):
        if not entry:
            continue
        address_condition = Q(**{index: entry, f"{moment}__gte": theirs.start})
        if theirs.end is not None:
            address_condition &= Q(**{f"{moment}__lt": theirs.end})
        condition |= address_condition
    return condition


def contact_indexes(addresses: Sequence[str]) -> list[str]:
    """`contact_index` of many, in the order given; the keys are read once."""
    indexes = [""] * len(addresses)
    mailboxes = [at for at, address in enumerate(addresses) if "@" in address]
    numbers = [at for at, text in enumerate(addresses) if "@" not in text and text.strip()]
    for kind, positions in (("email", mailboxes), ("phone", numbers)):
        normal = [normal_form(kind, addresses[at]) for at in positions]
        entries = blind_index_many(f"channels.{kind}", normal)
        for at, entry in zip(positions, entries, strict=True):
            indexes[at] = entry
    return indexes


def opened_column(row: Model, column: str) -> str:
    """The text sealed in one column of a row; "" once it was forgotten."""
    sealed = bytes(getattr(row, column))
    return open_sealed(row._meta.db_table, column, row.pk, sealed) if sealed else ""


def opened_columns(rows: Sequence[Model], column: str) -> list[str]:
    """`opened_column` of many rows of one table, in the order given; the keys are read once."""
    filled_rows = [row for row in rows if getattr(row, column)]
    if not filled_rows:
        return [""] * len(rows)
    values = [bytes(getattr(row, column)) for row in filled_rows]
    table = filled_rows[0]._meta.db_table
    texts = dict(
        zip(
            (row.pk for row in filled_rows),
            open_many(table, column, [row.pk for row in filled_rows], values),
            strict=True,
        )
    )
    return [texts.get(row.pk, "") for row in rows]
