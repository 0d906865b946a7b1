"""Addresses of people, findable without being readable, and what rests sealed beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.vault.indexes import blind_index
from amends.vault.normal_forms import normal_email, normal_phone
from amends.vault.sealing import open_sealed

if TYPE_CHECKING:
    from django.db.models import Model


def contact_index(address: str) -> str:
    """The blind index under which a mailbox or telephone number is found again; "" for none."""
    if "@" in address:
        return blind_index("channels.email", normal_email(address))
    return blind_index("channels.phone", normal_phone(address)) if address.strip() else ""


def opened_column(row: Model, column: str) -> str:
    """The text sealed in one column of a row; "" once it was forgotten."""
    sealed = bytes(getattr(row, column))
    return open_sealed(row._meta.db_table, column, row.pk, sealed) if sealed else ""
