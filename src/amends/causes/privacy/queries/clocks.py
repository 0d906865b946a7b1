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
    jurisdiction = settings.JURISDICTION
    return rights_terms(
        rules_in_force(jurisdiction, "privacy", "rights", day_in(jurisdiction, moment))
    )


def last_moment(term: Term, start: datetime) -> datetime:
    """When a term of this installation's jurisdiction ends."""
    jurisdiction = settings.JURISDICTION
    rules = pack(jurisdiction, day_in(jurisdiction, start))
    counting = rules.data.get("counting", {})
    return ending(
        term,
        start,
        zone=ZoneInfo(zone_of(jurisdiction)),
        working=working_days(rules.calendar),
        counting=Counting(
            start_day_counted=bool(counting.get("start_day_counted", False)),
            carry_over=bool(counting.get("carry_over", False)),
        ),
    ).at


def incident_levels(moment: datetime) -> list[IncidentLevel]:
    """The levels of incidents by the rules of that day, lowest first."""
    jurisdiction = settings.JURISDICTION
    return levels_of(
        rules_in_force(jurisdiction, "privacy", "incidents", day_in(jurisdiction, moment))
    )


def incident_clocks(moment: datetime) -> list[ClockRule]:
    """Who must be told of an incident found at that moment."""
    jurisdiction = settings.JURISDICTION
    return clocks_of(
        rules_in_force(jurisdiction, "privacy", "incidents", day_in(jurisdiction, moment))
    )
