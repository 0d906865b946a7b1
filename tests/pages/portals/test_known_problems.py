"""Known problems by area: confirmed network incidents, and nothing that is only suspected."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.network.quality.incident_choices import IncidentKind, IncidentState
from amends.network.quality.models import NetworkIncident
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView

pytestmark = pytest.mark.django_db


def _incident(number: int, area: str, state: str, *, ended_days_ago: int | None = None) -> None:
    now = timezone.now()
    ended = None if ended_days_ago is None else now - timedelta(days=ended_days_ago)
    NetworkIncident.objects.create(
        number=number,
        kind=IncidentKind.OUTAGE if number == 1 else IncidentKind.CONGESTION,
        cause="unknown",
        severity="major",
        state=state,
        areas=[area],
        started_at=now - timedelta(days=9),
        found_at=now - timedelta(days=9),
        found_by="counters",
        last_sign_at=now,
        ended_at=ended,
    )


def _page(address: str, language: str = "en") -> str:
    response = Client(headers={"accept-language": language}).get(address)
    assert response.status_code == 200
    return response.content.decode().partition("<ul")[2].partition("</ul>")[0]


def test_incidents_are_listed_by_area() -> None:
    define_areas(
        [
            AreaView("north", "北区", "North", "", "11", 0),
            AreaView("n1", "北一", "North One", "north", "11", 0),
            AreaView("s1", "南一", "South One", "", "44", 0),
        ]
    )
    _incident(1, "n1", IncidentState.OPEN)
    _incident(2, "s1", IncidentState.ENDED, ended_days_ago=1)
    everywhere = _page("/statements/")
    assert "Service down" in everywhere
    assert "North One" in everywhere
    assert "Network overloaded" in everywhere
    assert "South One" not in _page("/statements/?area=north")
    assert "North One" in _page("/statements/?area=north")
    assert "North One" not in _page("/statements/?area=s1")
    assert "北一" in _page("/statements/?area=elsewhere", "zh-hans"), "an unknown area is no filter"


def test_suspected_and_old_incidents_are_not_public() -> None:
    _incident(1, "n1", IncidentState.SUSPECTED)
    _incident(2, "n1", IncidentState.ENDED, ended_days_ago=5)
    assert _page("/statements/") == ""
