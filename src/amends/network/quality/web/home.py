"""What the first page after sign-in shows of network quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from amends.network.quality.actions.incident_records import LASTING
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import NetworkIncident
from amends.network.quality.queries import newest_tests
from amends.network.quality.queries.improvements import worst_areas
from amends.network.quality.web.incident_words import area_names, title_of
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

NEWEST = 200
SHOWN = 20
AREAS = 10


def lasting_incidents(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The incidents that last or are suspected, newest first."""
    rows = NetworkIncident.objects.filter(state__in=LASTING).order_by("-started_at", "-number")
    names = area_names()
    return [
        HomeRow(
            title_of(row, names),
            reverse("network_incident", args=[row.number]),
            IncidentState(row.state).label,
        )
        for row in rows[:SHOWN]
    ]


def worst_first(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The areas with the most degraded hours, users and complaints, each with its cause page."""
    names = area_names()
    return [
        HomeRow(
            names.get(area.area, area.area),
            reverse("network_why", args=[area.area]),
            _("degraded: %(hours)s cell-hours · complaints: %(complaints)s")
            % {"hours": round(area.degraded_h), "complaints": area.complaints},
        )
        for area in worst_areas(now=now, brand=actor.brand, limit=AREAS)
    ]


def below_promise(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The newest valid tests that measured less than half of the promised download."""
    slow = [
        test
        for test in newest_tests(NEWEST, brand=actor.brand).newest
        if not test.invalid_because
        and test.promised_down_kbps
        and test.down_kbps < test.promised_down_kbps / 2
    ]
    return [
        HomeRow(
            test.code,
            reverse("speed_tests"),
            _("%(down)s of %(promised)s Mbit/s")
            % {
                "down": round(test.down_mbps, 1),
                "promised": (test.promised_down_kbps or 0) // 1000,
            },
        )
        for test in slow[:SHOWN]
    ]
