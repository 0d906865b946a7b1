"""Whose rules a subscriber comes under."""

from __future__ import annotations

from django.conf import settings

from amends.kit.packs import jurisdictions
from amends.subscribers.queries import SubscriberView


def place_of(person: SubscriberView) -> str:
    """The pack of a subscriber: that of the province where there is one, else the operator's."""
    provincial = f"{settings.JURISDICTION.partition('-')[0]}-{person.province}"
    return provincial if provincial in jurisdictions() else settings.JURISDICTION
