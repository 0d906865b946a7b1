"""Keep a view: an address of the inbox under a name, for whoever saved it."""

from __future__ import annotations

from django.db import transaction

from amends.access.actors import Actor
from amends.complaints.models import SavedView
from amends.vault.redaction import redact_person

MOST = 8


def save_view(name: str, address: str, *, actor: Actor) -> None:
    """Keep an address under a name; the same name replaces it, and beyond `MOST` the oldest goes.

    Somebody may search for a number and save that: what says who a person is stays out.
    """
    name, address = redact_person(name.strip())[:40], redact_person(address)[:400]
    if not name:
        return
    with transaction.atomic():
        SavedView.objects.filter(user=actor.ref, title=name).delete()
        SavedView.objects.create(user=actor.ref, title=name, query=address)
        mine = SavedView.objects.filter(user=actor.ref).order_by("-id")
        kept = list(mine.values_list("id", flat=True)[:MOST])
        SavedView.objects.filter(user=actor.ref).exclude(id__in=kept).delete()


def drop_view(name: str, *, actor: Actor) -> None:
    """Take a saved view away."""
    SavedView.objects.filter(user=actor.ref, title=name).delete()
