"""Record the key facts of offers and state them in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.causes.publicity.actions.authority import require
from amends.causes.publicity.actions.write import check_copies_of
from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.record_key_facts import record_key_facts
from amends.record.facts.offers.key_facts import KeyFacts
from amends.record.ledger.actions.append import append


def register_offers(offers: Iterable[KeyFacts], *, actor: Actor, now: datetime) -> int:
    """Record what is new or has changed, check the copies that speak of it once more, and return
    how many versions were made."""
    require(actor, "publicity.decide")
    with transaction.atomic():
        stated = record_key_facts(offers, now=now)
        append(stated, now=now)
        check_copies_of({fact.subject for fact in stated}, now=now)
    return len(stated)
