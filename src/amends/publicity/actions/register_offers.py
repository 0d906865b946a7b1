"""Record the key facts of offers; a change makes a new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from amends.access.actors import Actor
from amends.publicity.authority import require
from amends.publicity.models import OfferFacts
from amends.publicity.rules.offers import Offer


def register_offers(offers: Iterable[Offer], *, actor: Actor, now: datetime) -> int:
    """Record what is new or has changed; how many versions were made."""
    require(actor, "publicity.decide")
    made = 0
    with transaction.atomic():
        for offer in offers:
            facts = flat(offer)
            last = OfferFacts.objects.filter(offer=offer.id).order_by("-version").first()
            if last is not None and last.facts == facts:
                continue
            OfferFacts.objects.create(
                offer=offer.id,
                version=last.version + 1 if last else 1,
                name=offer.name or offer.id,
                facts=facts,
                recorded_at=now,
            )
            made += 1
    return made


def flat(offer: Offer) -> Mapping[str, Any]:
    """The flat form of an offer as JSON holds it."""
    return {name: _plain(value) for name, value in asdict(offer).items() if value not in (None, ())}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
