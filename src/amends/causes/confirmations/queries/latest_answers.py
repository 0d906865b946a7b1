"""Whether the user's consent covers a service at a moment: the latest answer decides.

A first yes of an order that needs two, or was refused in the end, is no word for the service; nor
is one from before the user stopped it, or it was changed to something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F

from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries.order_details import SOURCE
from amends.platform.kit.batches import slices
from amends.record.ledger.queries import StoredFact, facts_on

_KINDS = ("ConfirmationGiven", "ConfirmationRefused", "ServiceStopped", "ServiceChanged")


@dataclass(frozen=True, slots=True)
class LatestAnswers:
    """What was said about services: of each, moments with the offer ("" for any) and yes or no."""

    said: dict[str, list[tuple[datetime, str, bool]]]

    def covers(self, service: str, offer: str, at: datetime) -> bool:
        """Whether the last word by a moment, on a service under an offer, is a yes."""
        last = False
        for moment, about, yes in self.said.get(service, ()):
            if moment <= at and about in ("", offer):
                last = yes
        return last


def latest_answers(services: Sequence[str]) -> LatestAnswers:
    """What the ledger holds about services, in the order in which it happened."""
    facts = list(facts_on(services, kinds=list(_KINDS)))
    incomplete = _incomplete(facts)
    answers_by_service: dict[str, list[tuple[datetime, str, bool]]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact_row: fact_row.happened_at):
        if fact.kind == "ConfirmationGiven":
            if str(fact.payload["order"]) not in incomplete:
                answers_by_service[fact.subject].append(
                    (fact.happened_at, str(fact.payload["offer"]), True)
                )
        elif fact.kind == "ConfirmationRefused":
            answers_by_service[fact.subject].append(
                (fact.happened_at, str(fact.payload["offer"]), False)
            )
        elif fact.kind == "ServiceChanged":
            answers_by_service[fact.subject].append(
                (fact.happened_at, str(fact.payload["from_offer"]), False)
            )
        elif fact.payload["initiator"] == "subscriber":
            answers_by_service[fact.subject].append((fact.happened_at, "", False))
    return LatestAnswers(dict(answers_by_service))


def _incomplete(facts: Sequence[StoredFact]) -> set[str]:
    """Of our own orders that were answered, those that lack a confirmation."""
    ours = {
        str(fact.payload["order"])
        for fact in facts
        if fact.kind == "ConfirmationGiven" and fact.source == SOURCE
    }
    incomplete_ids: set[str] = set()
    for part in slices(sorted(ours)):
        rows = Order.objects.filter(id__in=part).annotate(given=Count("confirmations"))
        incomplete_ids.update(rows.filter(given__lt=F("needed")).values_list("id", flat=True))
    return incomplete_ids
