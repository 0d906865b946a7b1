"""Take in a wording that is published already: seen on a page, or told by a system."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.causes.publicity.actions.approve import claim_of
from amends.causes.publicity.actions.authority import require
from amends.causes.publicity.actions.write import new_copy, store_findings
from amends.causes.publicity.models import PublishedCopy
from amends.causes.publicity.queries import checker
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.append import append


def see_copy(
    text: str, *, offer: str, channel: str, location: str, actor: Actor, now: datetime
) -> tuple[str, bool]:
    """The reference of the copy, and whether it is new.

    The same wording at the same place was only seen once more; another wording there replaces it.
    Neither concerns a copy of another brand.
    What is new is checked at once and states `ClaimPublished`, since people have read it.
    """
    require(actor, "publicity.write")
    row = new_copy(text, offer=offer, channel=channel, location=location, actor=actor, now=now)
    with transaction.atomic():
        same_place = PublishedCopy.objects.select_for_update().filter(
            state=PublishedCopy.State.LIVE,
            channel=row.channel,
            place=row.place,
            offer=offer,
            brand=actor.brand,
        )
        same = same_place.filter(text=row.text).first()
        if same is not None:
            PublishedCopy.objects.filter(ref=same.ref).update(last_seen_at=now)
            return same.ref, False
        same_place.exclude(first_seen_at=None).update(
            state=PublishedCopy.State.WITHDRAWN, withdrawn_at=now
        )
        row.state = PublishedCopy.State.LIVE
        row.first_seen_at = row.last_seen_at = now
        row.save(force_insert=True)
        rules = checker(now, brand=row.brand)
        store_findings(row, rules, now=now)
        append([claim_of(row, rules, now)], now=now)
    return row.ref, True
