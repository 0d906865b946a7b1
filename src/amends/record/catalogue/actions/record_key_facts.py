"""Record the key facts of offers; a change makes a new version, and earlier ones stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.models import Offer, OfferVersion
from amends.record.catalogue.queries import key_facts, price_minor
from amends.record.catalogue.rules.plan_id import is_plan_id
from amends.record.facts.fact import Fact
from amends.record.facts.offers.key_facts import KeyFacts

MB_PER_GB = 1024
_MOST_CHARACTERS = {"id": 64, "name": 160, "name_en": 160, "kind": 32, "provider": 64}
_WHOLE_NUMBERS = ("voice_min", "messages", "contract_months")
_MOST_WHOLE = 2**31 - 1


class UnableToRecordKeyFacts(BadInput):
    """The offer has no price, or its id belongs to another offer."""

    code = "key_facts_not_recorded"


def record_key_facts(offers: Iterable[KeyFacts], *, now: datetime) -> list[Fact]:
    """Publish a version of each offer that is new or has changed, all or none.

    Returns the facts that state them, for the caller's transaction. Raises UnableToRecordKeyFacts
    for an offer without a price, or one whose id or label identifier was another's.
    """
    with transaction.atomic():
        changed = [offer for offer in offers if key_facts(offer.id, now, measured=False) != offer]
        for offer_facts in changed:
            _refuse(offer_facts, now)
        return publish_offers([_new(offer_facts, now) for offer_facts in changed])


def _refuse(facts: KeyFacts, now: datetime) -> None:
    _refuse_size(facts)
    message_values = {"offer": facts.id}
    if facts.price is None:
        raise UnableToRecordKeyFacts(
            _("Offer %(offer)s has no price."),
            next_step=_("Fill the column price; a free offer has 0."),
            values=message_values,
        )
    versions = OfferVersion.objects.filter(offer=facts.id).order_by("-valid_from")
    last = versions.first()
    if last is not None and last.currency != facts.currency:
        raise UnableToRecordKeyFacts(
            _("Offer %(offer)s is sold in %(old)s, not in %(new)s."),
            next_step=_("Give the offer in another currency an id of its own."),
            values={**message_values, "old": last.currency, "new": facts.currency},
        )
    existing_offer = Offer.objects.filter(ref=facts.id).first()
    ended = last is not None and last.valid_to is not None and last.valid_to <= now
    other_kind = bool(existing_offer and facts.kind and existing_offer.kind != facts.kind)
    if ended or other_kind:
        raise UnableToRecordKeyFacts(
            _("The id %(offer)s belongs to another offer, or to one that has ended."),
            meaning=_("Users who bought that offer would be shown the terms of this one."),
            next_step=_("Give the new offer an id that was never used."),
            values=message_values,
        )
    if facts.plan_id:
        _refuse_plan_id(facts)


def _refuse_size(facts: KeyFacts) -> None:
    """Refuse what the columns of the database cannot hold."""
    for column, limit in _MOST_CHARACTERS.items():
        if len(getattr(facts, column)) > limit:
            raise UnableToRecordKeyFacts(
                _("Column %(column)s has more than %(most)s characters."),
                next_step=_("Shorten it."),
                values={"column": column, "most": limit},
            )
    for column in _WHOLE_NUMBERS:
        if (getattr(facts, column) or 0) > _MOST_WHOLE:
            raise UnableToRecordKeyFacts(
                _("Column %(column)s has a number above %(most)s."),
                next_step=_("Leave the cell empty where there is no limit."),
                values={"column": column, "most": f"{_MOST_WHOLE:,}"},
            )


def _refuse_plan_id(facts: KeyFacts) -> None:
    if not is_plan_id(facts.plan_id):
        raise UnableToRecordKeyFacts(
            _("“%(plan)s” is no identifier of a broadband label."),
            next_step=_("Write F or M, the FRN of ten digits, and fifteen letters or digits."),
            values={"plan": facts.plan_id[:40]},
        )
    other_versions = OfferVersion.objects.filter(facts__plan_id=facts.plan_id).exclude(
        offer=facts.id
    )
    if other_version := other_versions.first():
        raise UnableToRecordKeyFacts(
            _("The label identifier %(plan)s is that of offer %(offer)s."),
            next_step=_("Identifiers are never used again; make a new one."),
            values={"plan": facts.plan_id, "offer": other_version.offer_id},
        )


def _new(facts: KeyFacts, now: datetime) -> NewOffer:
    """The version that states the key facts; what has a column of its own stands there too."""
    currency = facts.currency
    existing_offer = Offer.objects.filter(ref=facts.id).first()
    return NewOffer(
        ref=facts.id,
        version=_next_version(facts.id),
        kind=facts.kind or (existing_offer.kind if existing_offer else _kind(facts)),
        provider=facts.provider or (existing_offer.provider if existing_offer else ""),
        name_zh=facts.name or facts.id,
        name_en=facts.name_en or facts.name or facts.id,
        price_minor=price_minor(facts.price or 0, currency),
        currency=currency,
        allowance_mb=_whole(facts.data_gb, MB_PER_GB),
        allowance_minutes=_whole(facts.voice_min),
        allowance_messages=_whole(facts.messages),
        speed_down_kbps=_whole(facts.down_nominal_mbps, 1000),
        speed_up_kbps=_whole(facts.up_nominal_mbps, 1000),
        speed_min_kbps=_whole(facts.down_min_mbps, 1000),
        contract_months=_whole(facts.contract_months) or 0,
        exit_fee_minor=price_minor(facts.early_termination_fee or 0, currency),
        valid_from=now,
        technology=facts.technology,
        facts=facts.flat(),
    )


def _next_version(ref: str) -> str:
    existing_versions = set(
        OfferVersion.objects.filter(offer=ref).values_list("version", flat=True)
    )
    number = len(existing_versions) + 1
    while str(number) in existing_versions:
        number += 1
    return str(number)


def _kind(facts: KeyFacts) -> str:
    if facts.data_gb or facts.voice_min or facts.throttle_after_gb:
        return "mobile_plan"
    return "broadband" if facts.down_nominal_mbps else "value_added"


def _whole(value: float | None, scale: int = 1) -> int | None:
    return None if value is None else round(value * scale)
