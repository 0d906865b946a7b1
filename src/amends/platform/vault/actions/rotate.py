"""Rotate master keys: make a new one, re-seal what lies under old ones, then retire these.

Re-sealing goes on while people work: reads open values under every key held, and a row is only
rewritten if it still holds the bytes that were read. Running it again takes up where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.fields import SealedField
from amends.platform.vault.keys import keyring, store
from amends.platform.vault.sealing import key_id_of, needs_rotation, open_many, seal_many

SLICE = 2_000


class UnableToRetire(Refused):
    """Values still lie under the key; retiring it would lose them."""

    code = "key_still_used"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values: its model, and the field whose value each seal is bound to."""

    model: Any
    field: SealedField

    @property
    def table(self) -> str:
        """The table's name, as seals know it."""
        return str(self.model._meta.db_table)

    @property
    def bound_to(self) -> str:
        """The attribute that holds the row id of the seal."""
        if self.field.bound_to == "pk":
            return str(self.model._meta.pk.attname)
        return str(self.model._meta.get_field(self.field.bound_to).attname)

    def __str__(self) -> str:
        return f"{self.table}.{self.field.column}"


def sealed_columns() -> list[SealedColumn]:
    """Every column of every app that is sealed under master keys."""
    return [
        SealedColumn(model, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField) and field.under == "master"
    ]


def start_rotation() -> str:
    """Make a new current key and return its identifier; everything new is sealed under it."""
    ring = keyring().with_new_key()
    store(ring)
    return ring.current.hex()


def reseal(progress: Callable[[str, int], None] | None = None) -> int:
    """Re-seal, slice by slice, whatever lies under an old key; how many values were.

    progress  called after each slice with the column's name and the number re-sealed in it
    """
    total = 0
    for column in sealed_columns():
        for resealed in _reseal_column(column):
            total += resealed
            if progress:
                progress(str(column), resealed)
    return total


def retire_key(key_id: str) -> None:
    """Take an old key off the keyring; refused while a single value lies under it."""
    for column in sealed_columns():
        for rows in _slices(column):
            if any(key_id_of(value).hex() == key_id for _, _, value in rows):
                raise UnableToRetire(
                    _("%(column)s still holds values under key %(key_id)s."),
                    meaning=_("Without the key they could never be read again."),
                    next_step=_("Run the rotation to its end, then retire the key."),
                    values={"column": column, "key_id": key_id},
                )
    store(keyring().without(bytes.fromhex(key_id)))


def _reseal_column(column: SealedColumn) -> Iterator[int]:
    ring = keyring()
    table, name = column.table, column.field.column
    for rows in _slices(column):
        old = [row for row in rows if needs_rotation(row[2], ring=ring)]
        if not old:
            continue
        bound = [row_id for _, row_id, _ in old]
        texts = open_many(table, name, bound, [value for *_, value in old], ring=ring)
        new = seal_many(table, name, bound, texts, ring=ring)
        yield _replace(
            column, [(fresh, pk, was) for fresh, (pk, _, was) in zip(new, old, strict=True)]
        )


def _replace(column: SealedColumn, changes: list[tuple[bytes, Any, bytes]]) -> int:
    """Write each new value where the old one still stands; how many there were."""
    quote = connection.ops.quote_name
    field, key = quote(column.field.column), quote(column.model._meta.pk.column)
    update = f"UPDATE {quote(column.table)} SET {field} = %s WHERE {key} = %s AND {field} = %s"  # noqa: S608 (own names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(update, changes)
        return int(cursor.rowcount)


def _slices(column: SealedColumn) -> Iterator[list[tuple[Any, Any, bytes]]]:
    """The rows of a column by key: (primary key, what the seal is bound to, sealed value)."""
    rows = column.model._default_manager.order_by("pk")
    last = None
    while True:
        after = rows if last is None else rows.filter(pk__gt=last)
        chunk = list(after.values_list("pk", column.bound_to, column.field.attname)[:SLICE])
        if not chunk:
            return
        last = chunk[-1][0]
        yield [(pk, row_id, bytes(value)) for pk, row_id, value in chunk if value]
