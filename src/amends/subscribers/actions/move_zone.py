"""Say in which time zone somebody's days begin and end, as the operator's register has it now."""

from __future__ import annotations

from collections.abc import Mapping

from amends.kit.slices import slices
from amends.subscribers.models import Subscriber


def move_zone(zones: Mapping[str, str]) -> int:
    """Pseudonym → name of the time zone, for subscribers that are known; how many it changed."""
    by_zone: dict[str, list[str]] = {}
    for pseudonym, zone in zones.items():
        by_zone.setdefault(zone, []).append(pseudonym)
    return sum(
        Subscriber.objects.filter(pseudonym__in=part).exclude(zone=zone).update(zone=zone)
        for zone, names in by_zone.items()
        for part in slices(names)
    )
