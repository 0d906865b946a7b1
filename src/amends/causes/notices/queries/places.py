"""The jurisdiction of a subscriber."""

from __future__ import annotations

from django.conf import settings

from amends.engines.duties.overlays import overlays
from amends.people.subscribers.queries import SubscriberView


def place_of(person: SubscriberView) -> str:
    """The pack of a subscriber: that of the province where there is one, else the operator's."""
    return overlays(settings.JURISDICTION).get(person.province, settings.JURISDICTION)
