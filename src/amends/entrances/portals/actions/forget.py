"""Forget what a person was writing on the public site."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from amends.channels.queries.contacts import contact_index
from amends.entrances.portals.actions import drafts
from amends.entrances.portals.models import Draft
from amends.platform.registry import Erasure


def erase(erasure: Erasure) -> int:
    """Erase the drafts of a person: those of their complaints and current addresses; how many."""
    return forget(
        addresses=[address for address, theirs in erasure.addresses if theirs.end is None],
        complaints=erasure.complaints,
        now=erasure.now,
    )


def forget(*, addresses: Iterable[str], complaints: Iterable[str], now: datetime) -> int:
    """Forget drafts that became one of `complaints`, or name one of `addresses`; how many.

    A draft is kept a day at most, so those there are can be opened one by one.
    """
    indexes = {contact_index(address) for address in addresses} - {""}
    sent = list(Draft.objects.filter(complaint__in=list(complaints)).exclude(complaint=""))
    fresh = Draft.objects.filter(made_at__gt=now - drafts.LIFETIME, sent_at__isnull=True)
    named = [draft for draft in fresh.order_by("made_at", "id") if _names(draft, indexes)]
    drafts.forget([*sent, *named])
    return len(sent) + len(named)


def _names(draft: Draft, indexes: set[str]) -> bool:
    draft_text = drafts.words_of(draft)
    addresses = (draft_text.phone, draft_text.email, draft_text.about)
    return not indexes.isdisjoint(contact_index(address) for address in addresses if address)
