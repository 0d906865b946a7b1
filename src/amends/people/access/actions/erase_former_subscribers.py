"""Forget who somebody was that left long ago: the end of a term, not anybody's request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amends.people.access.models import BreakGlass
from amends.people.subscribers.actions.erase import erase


def forget_left(pseudonyms: Sequence[str], *, now: datetime) -> None:
    """Destroy keys, index entries and sealed values of these; what happened to them stays.

    The caller has asked for holds and open complaints under lock. Raises `UnableToErase` for a
    hold all the same.
    """
    with transaction.atomic():
        # A typed reason may name the person; the ledger keeps it masked.
        BreakGlass.objects.filter(subscriber__in=pseudonyms).update(reason="")
        for pseudonym in pseudonyms:
            erase(pseudonym, now=now)
