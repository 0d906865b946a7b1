"""Send the codes that were asked for under a telephone number."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.causes.confirmations.actions.prove_presence import CODE_VALID, ask_presence
from amends.causes.confirmations.models import PresenceRequest
from amends.people.subscribers.queries import identify
from amends.platform.vault.sealing import open_sealed


def send_codes(*, now: datetime, limit: int = 200) -> int:
    """How many requests were dealt with; those of numbers nobody has among them."""
    sent_count = 0
    for ref in PresenceRequest.objects.values_list("id", flat=True)[:limit]:
        with transaction.atomic():
            row = PresenceRequest.objects.select_for_update(skip_locked=True).filter(id=ref).first()
            if row is None:
                continue
            if row.asked_at > now - CODE_VALID:
                table = PresenceRequest._meta.db_table
                number = open_sealed(table, "number", row.id, bytes(row.number))
                person = identify(phone=number, service=number)
                if person and row.brand and person.brand != row.brand:
                    person = None
                ask_presence(
                    person.pseudonym if person else "", now=now, ref=row.id, source=row.source
                )
            row.delete()
        sent_count += 1
    return sent_count
