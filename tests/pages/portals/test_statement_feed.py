"""Known problems and statements as Atom: one feed for each language, ids that stay."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from amends.network.quality.incident_choices import IncidentKind, IncidentState
from amends.network.quality.models import NetworkIncident
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def _feed(language: str) -> ElementTree.Element:
    answer = Client().get(f"/statements/atom/{language}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def _incident(number: int, state: str) -> NetworkIncident:
    now = timezone.now()
    return NetworkIncident.objects.create(
        number=number,
        kind=IncidentKind.OUTAGE,
        cause="unknown",
        severity="major",
        state=state,
        areas=["n1"],
        started_at=now - timedelta(days=1),
        found_at=now - timedelta(days=1),
        found_by="counters",
        last_sign_at=now,
    )


def test_a_reader_follows_problems_in_either_language() -> None:
    define_areas([AreaView("n1", "北一 & 北二", "North <One>", "", "11", 0)])
    incident = _incident(1, IncidentState.OPEN)
    _incident(2, IncidentState.SUSPECTED)
    chinese, english = _feed("zh"), _feed("en")
    assert english.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    (entry,) = english.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Service down · North <One>"
    (translated,) = chinese.findall(f"{ATOM}entry")
    assert "北一 & 北二" in str(translated.findtext(f"{ATOM}title"))
    before = entry.findtext(f"{ATOM}updated")
    incident.state, incident.ended_at = IncidentState.ENDED, timezone.now()
    incident.save()
    (after,) = _feed("en").findall(f"{ATOM}entry")
    assert after.findtext(f"{ATOM}id") == entry.findtext(f"{ATOM}id")
    assert str(after.findtext(f"{ATOM}updated")) > str(before)
    assert "repaired" in str(after.findtext(f"{ATOM}summary"))


def test_there_is_no_feed_in_another_language() -> None:
    assert Client().get("/statements/atom/fr/").status_code == 404


def test_the_page_links_the_feed() -> None:
    page = Client(headers={"accept-language": "en"}).get("/statements/").content.decode()
    assert 'type="application/atom+xml"' in page
    assert '<a href="/statements/atom/en/">Follow these in a feed reader</a>' in page
