"""What other apps learn of subscribers and services: nothing that names anybody."""

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
