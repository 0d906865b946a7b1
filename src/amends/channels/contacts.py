"""Addresses of people, findable without being readable."""

from __future__ import annotations

from amends.vault.indexes import blind_index
from amends.vault.normal_forms import normal_email, normal_phone


def contact_index(address: str) -> str:
    """The blind index under which a mailbox or telephone number is found again; "" for none."""
    if "@" in address:
        return blind_index("channels.email", normal_email(address))
    return blind_index("channels.phone", normal_phone(address)) if address.strip() else ""
