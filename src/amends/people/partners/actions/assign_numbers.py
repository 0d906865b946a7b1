"""Record which numbers the operator's register assigns to a partner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amends.people.partners.models import NumberAssignment, Partner
from amends.people.partners.queries import NUMBERS, assigned_numbers
from amends.platform.vault.sealing import seal


def assign_numbers(partner: str, numbers: Sequence[str], *, now: datetime) -> bool:
    """State all numbers of a partner: new ones begin now, those left out end; whether any changed.

    Raises Partner.DoesNotExist for an unknown partner.
    """
    with transaction.atomic():
        Partner.objects.select_for_update().get(ref=partner)
        ref_by_number = {number: ref for ref, number in assigned_numbers(partner, at=now).items()}
        wanted = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
        ended = [ref for number, ref in ref_by_number.items() if number not in wanted]
        NumberAssignment.objects.filter(id__in=ended).update(valid_to=now)
        fresh = [number for number in wanted if number not in ref_by_number]
        for number in fresh:
            row = NumberAssignment(partner_id=partner, valid_from=now)
            row.number = seal(NUMBERS, "number", row.id, number)
            row.save(force_insert=True)
    return bool(ended or fresh)
