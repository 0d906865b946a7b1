"""Review the data flows of a service before its launch."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.models import ServiceReview
from amends.causes.privacy.queries import changes, review_in_force, reviews_of_brand
from amends.causes.privacy.rules.review import parse, review
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToConfirmReview(Refused):
    """It does not wait, or the actor declared its flows."""

    code = "unable_to_confirm_review"


def review_service(
    service: str, description: dict[str, object], *, actor: Actor, now: datetime
) -> ServiceReview:
    """Judge the declared flows of a service by the rules of the day and record the verdict.

    Where the verdict in force bars the service and the flows are declared otherwise, the new one
    counts once a second person confirms it.

    service  reference of the offer or service, as the launch names it
    """
    check(actor, "privacy.review")
    service = service.strip()
    if not service or len(service) > 64:
        raise BadInput(
            _("No offer or service is named."),
            meaning=_("Nothing was stored."),
            next_step=_("Write the reference that its launch has, up to 64 characters."),
            code="unable_to_review_service",
        )
    parsed = parse(description)
    review_result = review(parsed, on=timezone.localdate(now))
    earlier_review = review_in_force(service, brand=actor.brand)
    barred = earlier_review is not None and earlier_review.verdict != ServiceReview.Verdict.PASS
    row = ServiceReview(
        ref=random_id("prv", length=12),
        service=service,
        title=parsed.name[:160],
        description=description,
        verdict=review_result.verdict,
        rules=review_result.rules,
        reviewed_by=actor.ref,
        reviewed_at=now,
        brand=actor.brand,
    )
    if earlier_review is not None and barred and changes(earlier_review, row):
        row.replaces = earlier_review
    with transaction.atomic():
        row.save(force_insert=True)
        if not row.waits:
            append([_fact(row, actor, now)], now=now)
    return row


def confirm_review(ref: str, *, actor: Actor, now: datetime) -> ServiceReview:
    """Let a review count that changes the flows of a service after a verdict that barred it.

    A second person does it, having seen what is declared otherwise than before.
    """
    check(actor, "privacy.review")
    with transaction.atomic():
        rows = reviews_of_brand(actor.brand).select_for_update()
        row = rows.filter(ref=ref, replaces__isnull=False, confirmed_at=None).first()
        if row is None or row.replaces != review_in_force(row.service, brand=row.brand):
            raise UnableToConfirmReview(
                _("This review does not wait for a second person."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the page again: a colleague may have confirmed another one."),
            )
        if actor.ref == row.reviewed_by:
            raise UnableToConfirmReview(
                _("You declared these flows."),
                meaning=_("The earlier verdict counts until a second person confirms the change."),
                next_step=_("Ask a colleague who may review services."),
            )
        row.confirmed_by, row.confirmed_at = actor.ref, now
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        append([_fact(row, actor, now)], now=now)
    return row


def _fact(row: ServiceReview, actor: Actor, now: datetime) -> Fact:
    review_result = review(parse(row.description), on=timezone.localdate(row.reviewed_at))
    return Fact(
        kind="ServiceReviewed",
        subscriber="",
        subject=row.service,
        happened_at=now,
        source="privacy",
        payload={
            "review": row.ref,
            "verdict": row.verdict,
            "rule": row.rules,
            "blocking": len(review_result.blocking),
            "by": actor.ref,
        },
    )
