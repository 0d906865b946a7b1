"""Review the data flows of a service before its launch."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.access.actors import Actor
from amends.facts.fact import Fact
from amends.kit.errors import BadInput
from amends.kit.ids import random_id
from amends.ledger.actions.append import append
from amends.privacy.authority import check
from amends.privacy.models import ServiceReview
from amends.privacy.rules.review import parse, review


class UnableToReviewService(BadInput):
    """No offer or service is named."""

    code = "unable_to_review_service"


def review_service(
    service: str, description: dict[str, object], *, actor: Actor, now: datetime
) -> ServiceReview:
    """Judge the declared flows of a service by the rules of the day and record the verdict.

    service  reference of the offer or service, as the launch names it
    """
    check(actor, "privacy.review")
    service = service.strip()
    if not service or len(service) > 64:
        raise UnableToReviewService(
            _("No offer or service is named."),
            meaning=_("Nothing was stored."),
            next_step=_("Write the reference that its launch has, up to 64 characters."),
        )
    parsed = parse(description)
    found = review(parsed, on=timezone.localdate(now))
    row = ServiceReview(
        ref=random_id("prv", length=12),
        service=service,
        title=parsed.name[:160],
        description=description,
        verdict=found.verdict,
        rules=found.rules,
        reviewed_by=actor.ref,
        reviewed_at=now,
    )
    fact = Fact(
        "ServiceReviewed", "", service, now, "privacy",
        {"review": row.ref, "verdict": found.verdict, "rule": found.rules,
         "blocking": len(found.blocking), "by": actor.ref},
    )  # fmt: skip
    with transaction.atomic():
        row.save(force_insert=True)
        append([fact], now=now)
    return row
