"""The legal clocks of this installation: of requests, and of incidents."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.causes.privacy.rules.incident_clocks import (
    ClockRule,
    IncidentLevel,
    clocks_of,
    levels_of,
)
from amends.causes.privacy.rules.rights import RightsTerm, rights_terms
from amends.platform.kit.calendars import working_days
from amends.platform.kit.packs import day_in, pack, rules_in_force, zone_of
from amends.platform.kit.terms import Counting, Term, ending


def terms_on(moment: datetime) -> dict[str, RightsTerm]:
    """Kind of request → its term, by the rules of that day."""
    place = settings.JURISDICTION
    return rights_terms(rules_in_force(place, "privacy", "rights", day_in(place, moment)))


def last_moment(term: Term, start: datetime) -> datetime:
    """When a term of this installation's jurisdiction ends."""
    place = settings.JURISDICTION
    rules = pack(place, day_in(place, start))
    counting = rules.data.get("counting", {})
    return ending(
        term,
        start,
        zone=ZoneInfo(zone_of(place)),
        working=working_days(rules.calendar),
        counting=Counting(
            start_day_counted=bool(counting.get("start_day_counted", False)),
            carry_over=bool(counting.get("carry_over", False)),
        ),
    ).at


def incident_levels(moment: datetime) -> list[IncidentLevel]:
    """The levels of incidents by the rules of that day, lowest first."""
    place = settings.JURISDICTION
    return levels_of(rules_in_force(place, "privacy", "incidents", day_in(place, moment)))


def incident_clocks(moment: datetime) -> list[ClockRule]:
    """Who must be told of an incident found at that moment."""
    place = settings.JURISDICTION
    return clocks_of(rules_in_force(place, "privacy", "incidents", day_in(place, moment)))
