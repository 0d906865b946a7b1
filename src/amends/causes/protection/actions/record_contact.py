"""Record that a number contacted a subscriber: the proof of receipt of what is reported later."""

from __future__ import annotations

from datetime import datetime

from amends.causes.protection.models import NumberContact
from amends.causes.protection.numbers import pair_of


def record_contact(entry: str, subscriber: str, *, now: datetime) -> None:
    """Record a contact in one statement: the first one stays, the last one moves.

    entry  blind index of the number
    """
    row = NumberContact(pair=pair_of(entry, subscriber), entry=entry, first_at=now, last_at=now)
    NumberContact.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["pair"], update_fields=["last_at"]
    )
