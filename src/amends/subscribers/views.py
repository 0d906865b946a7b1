"""What other rooms learn of subscribers, services, offers and areas: nothing that names anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """A subscriber without personal values.

    province  two digits of GB/T 2260, e.g. "41", or ""
    area      code of an `AreaView`, or ""
    zone      name of the time zone in which the subscriber's days begin and end
    """

    pseudonym: str
    language: str
    zone: str
    province: str
    area: str
    brand: str
    status: str

    @property
    def has_left(self) -> bool:
        """Whether this person is served no more; their number may be another's by now."""
        return self.status == "left"


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One line or add-on; `stopped_at` is None while it runs."""

    ref: str
    subscriber: str
    kind: str
    offer: str
    offer_version: str
    provider: str
    area: str
    started_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """The terms of an offer between two moments; money in minor units, speeds in kbit/s."""

    ref: str
    version: str
    kind: str
    provider: str
    name_zh: str
    name_en: str
    price_minor: int
    currency: str
    allowance_mb: int | None
    allowance_minutes: int | None
    allowance_messages: int | None
    speed_down_kbps: int | None
    speed_up_kbps: int | None
    speed_min_kbps: int | None
    contract_months: int
    exit_fee_minor: int
    out_of_plan_minor_per_mb: int | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class AreaView:
    """A place on the operator's map; `parent` is "" at the top."""

    code: str
    name_zh: str
    name_en: str
    parent: str
    province: str
    subscribers_count: int
