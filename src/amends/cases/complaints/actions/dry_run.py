"""Dry run: the letters an action would send on a complaint; nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from amends.cases.complaints.models import Reply


def dry_run(ref: str, act: Callable[[], object]) -> list[Reply]:
    """Do `act`, read the letters it wrote, and roll all of it back; raises what `act` raises."""
    with transaction.atomic():
        before = list(Reply.objects.filter(complaint=ref).values_list("id", flat=True))
        act()
        letters = list(Reply.objects.filter(complaint=ref).exclude(id__in=before))
        transaction.set_rollback(True)
    return letters
