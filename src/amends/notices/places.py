"""Whose rules a subscriber comes under."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from django.conf import settings

from amends.kit.packs import jurisdictions
from amends.subscribers.queries import SubscriberView


def place_of(person: SubscriberView) -> str:
    """The pack of a subscriber: that of the province where there is one, else the operator's."""
    return overlays(settings.JURISDICTION).get(person.province, settings.JURISDICTION)


@lru_cache(maxsize=64)
def overlays(jurisdiction: str) -> Mapping[str, str]:
    """Province → the pack laid over the national one there, where it is not `jurisdiction` itself.

    >>> overlays("cn")["41"], "41" in overlays("cn-41"), dict(overlays("uk"))
    ('cn-41', False, {})
    """
    head = jurisdiction.partition("-")[0]
    split = (place.partition("-") for place in jurisdictions() if place != jurisdiction)
    return MappingProxyType(
        {province: f"{head}-{province}" for name, _, province in split if name == head and province}
    )
