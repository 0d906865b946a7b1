"""Publish offers: a new version of the terms, and the fact that states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import to_ms
from amends.record.catalogue.models import Offer, OfferVersion
from amends.record.facts.fact import Fact


class UnableToPublishOffer(BadInput):
    """The version exists, or begins before the one it follows."""

    code = "offer_not_published"


@dataclass(frozen=True, slots=True)
class NewOffer:
    """A version of an offer; money in minor units, speeds in kbit/s, `valid_to` outside.

    facts  the key facts in full, in the flat form; the ledger keeps the columns, and alone keeps
           the access technology
    """

    ref: str
    version: str
    kind: str
    name_zh: str
    name_en: str
    price_minor: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None = None
    provider: str = ""
    allowance_mb: int | None = None
    allowance_minutes: int | None = None
    allowance_messages: int | None = None
    speed_down_kbps: int | None = None
    speed_up_kbps: int | None = None
    speed_min_kbps: int | None = None
    contract_months: int = 0
    exit_fee_minor: int = 0
    out_of_plan_minor_per_mb: int | None = None
    technology: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def fact(self) -> Fact:
        """What the ledger keeps of it."""
        optional = {
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "kind": self.kind,
            "provider": self.provider or None,
            "contract_months": self.contract_months or None,
            "speed_down_kbps": self.speed_down_kbps,
            "speed_min_kbps": self.speed_min_kbps,
            "allowance_mb": self.allowance_mb,
            "out_of_plan_minor_per_mb": self.out_of_plan_minor_per_mb,
            "exit_fee_minor": self.exit_fee_minor or None,
            "valid_to_ms": to_ms(self.valid_to) if self.valid_to else None,
            "technology": self.technology or None,
        }
        payload: dict[str, str | int] = {
            "offer": self.ref,
            "offer_version": self.version,
            "price_minor": self.price_minor,
            "currency": self.currency,
        }
        payload |= {name: value for name, value in optional.items() if value is not None}
        return Fact(
            kind="OfferPublished",
            subscriber="",
            subject=self.ref,
            happened_at=self.valid_from,
            source="publicity",
            payload=payload,
        )


def publish_offers(offers: Sequence[NewOffer]) -> list[Fact]:
    """Publish versions of offers, all or none.

    A version in force ends where the next begins. Returns the facts that state them, for the
    caller's transaction: `catalogue` stands beside the ledger and does not write to it.
    """
    with transaction.atomic():
        for offer in sorted(offers, key=lambda new_offer: (new_offer.ref, new_offer.valid_from)):
            _publish(offer)
    return [offer.fact() for offer in offers]


def _publish(new: NewOffer) -> None:
    offer, _created = Offer.objects.get_or_create(
        ref=new.ref, defaults={"kind": new.kind, "provider": new.provider}
    )
    versions = OfferVersion.objects.filter(offer=offer)
    if versions.filter(version=new.version).exists():
        raise UnableToPublishOffer(
            _("Offer %(offer)s has a version %(version)s already.")
            % {"offer": new.ref, "version": new.version},
            next_step=_("Terms once published stay; give the new terms a new version."),
        )
    last = versions.order_by("-valid_from").first()
    if last is not None and last.valid_from >= new.valid_from:
        raise UnableToPublishOffer(
            _("Version %(last)s of %(offer)s begins later than %(new)s.")
            % {"last": last.version, "offer": new.ref, "new": new.version}
        )
    if last is not None and (last.valid_to is None or last.valid_to > new.valid_from):
        versions.filter(pk=last.pk).update(valid_to=new.valid_from)
    OfferVersion.objects.create(
        offer=offer,
        version=new.version,
        name_zh=new.name_zh,
        name_en=new.name_en,
        price_minor=new.price_minor,
        currency=new.currency,
        allowance_mb=new.allowance_mb,
        allowance_minutes=new.allowance_minutes,
        allowance_messages=new.allowance_messages,
        speed_down_kbps=new.speed_down_kbps,
        speed_up_kbps=new.speed_up_kbps,
        speed_min_kbps=new.speed_min_kbps,
        contract_months=new.contract_months,
        exit_fee_minor=new.exit_fee_minor,
        out_of_plan_minor_per_mb=new.out_of_plan_minor_per_mb,
        facts=dict(new.facts),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
    )
