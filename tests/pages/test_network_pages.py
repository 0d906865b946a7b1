"""The pages of network quality: board, area, incident, plans of notices, and the complaint's panel."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from amends.network.quality.actions.join_complaints import join_complaints
from amends.network.quality.actions.take_signs import (
    StretchFound,
    suspect,
    take_alarms,
    take_stretches,
)
from amends.network.quality.models import NetworkAlarm, NetworkIncident, NoticePlan
from amends.network.quality.rules.alarms import AlarmReport
from amends.network.quality.web.incidents import bucket_starts
from amends.platform.kit.actors import system
from amends.platform.kit.formats import format_moment
from tests.actions.quality.network import cells, complain_of_line, small_network
from tests.pages.conftest import colleague, complaint_page, signed_in
from tests.pages.portals.conftest import caller
from tests.second_person import approve_waiting
from tests.shell import amends

__all__ = ["caller"]

pytestmark = pytest.mark.django_db
JOB = system("quality")
HOUR = timedelta(hours=1)


@pytest.fixture
def incident() -> NetworkIncident:
    """A cell of North One is degraded, an alarm is raised there, somebody complained."""
    small_network()
    now = timezone.now()
    names = cells("n1", 2)
    found = [
        StretchFound(cell, "n1", kpi, now - 5 * HOUR, now + HOUR, now - 4 * HOUR, score)
        for cell, kpi, score in (
            (names[0], "down_user_mbps", 9.0),
            (names[1], "rtt_ms", 4.0),
        )
    ]
    take_stretches(found, technology="fibre", by=JOB, now=now)
    alarm = AlarmReport("los-1", now - HOUR, area="atlantis")
    take_alarms([alarm], source="nms", by=JOB, now=now)
    complain_of_line("n1", 0, now - 2 * HOUR, "家里宽带很慢，网速根本达不到，卡得不行！")
    join_complaints(now=now)
    return NetworkIncident.objects.get()


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_board_says_it_in_one_sentence_and_shows_red_first(incident: NetworkIncident) -> None:
    page = text(signed_in(colleague("lin", "handler")).get("/desk/network/"))
    assert "1 incident lasts in 1 area: about 4 users are affected, 1 of them complained" in page
    assert page.index("North One") < page.index("North Two") < page.index("South One")
    assert "1 alarm has an unknown area or cell" in page


def test_from_the_board_the_worst_cell_is_three_clicks_away(incident: NetworkIncident) -> None:
    client = signed_in(colleague("lin", "handler"))
    assert '/desk/network/areas/n1/"' in text(client.get("/desk/network/"))
    area = text(client.get("/desk/network/areas/n1/"))
    assert area.index("n1-c0") < area.index("n1-c1")
    assert f"/desk/network/incidents/{incident.number}/" in area
    assert client.get("/desk/network/areas/nowhere/").status_code == 404


def test_the_page_of_an_incident_counts_with_intervals(incident: NetworkIncident) -> None:
    client = signed_in(colleague("lin", "handler"))
    page = text(client.get(f"/desk/network/incidents/{incident.number}/"))
    assert "users affected" in page
    assert "25.0% complained (0.6%–80.6%)" in page
    assert "No complaints are expected in the next 24 hours." in page
    assert "complaints joined</strong> · 1 complaint" in page
    assert "Change it" not in page
    complaint = incident.complaints.get().complaint
    assert f'href="/desk/c/{complaint}/"' in page
    assert "Explains this complaint" in complaint_page(client, complaint)


def test_a_manager_ends_and_reopens_an_incident_with_a_reason(incident: NetworkIncident) -> None:
    client = signed_in(colleague("wei", "manager"))
    url = f"/desk/network/incidents/{incident.number}/change/"
    refused = client.post(url, {"act": "end"})
    assert refused.status_code == 400
    assert "A reason is missing." in text(refused)
    assert client.post(url, {"act": "end", "reason": "port replaced"}).status_code == 302
    incident.refresh_from_db()
    assert incident.state == "open", "one person alone"
    page = text(client.get(f"/desk/network/incidents/{incident.number}/"))
    assert "End a network incident" in page
    approve_waiting("network_incident", now=timezone.now())
    incident.refresh_from_db()
    assert incident.state == "ended"
    assert client.post(url, {"act": "reopen", "reason": "slow again"}).status_code == 302
    approve_waiting("network_incident", now=timezone.now())
    incident.refresh_from_db()
    assert (incident.state, incident.reopened) == ("open", 1)
    handler = signed_in(colleague("lin", "handler"))
    assert handler.post(url, {"act": "end", "reason": "x"}).status_code == 403


def test_a_suspected_incident_is_confirmed_on_its_page() -> None:
    small_network()
    number = suspect(
        area="n1",
        since=timezone.now() - HOUR,
        kind="outage",
        hot_issue="hotissue-3",
        by=system("hotissues"),
        now=timezone.now(),
    )
    client = signed_in(colleague("wei", "manager"))
    page = text(client.get(f"/desk/network/incidents/{number}/"))
    assert "no network system has reported" in page
    assert client.post(f"/desk/network/incidents/{number}/confirm/").status_code == 302
    assert NetworkIncident.objects.get(number=number).state == "open"


def test_a_colleague_reports_a_fault() -> None:
    small_network()
    client = signed_in(colleague("wei", "manager"))
    form = {
        "area": "s1",
        "kind": "outage",
        "cause": "cable_cut",
        "severity": "major",
        "technology": "fibre",
        "since": timezone.localtime(timezone.now() - HOUR).strftime("%Y-%m-%dT%H:%M"),
    }
    assert client.post("/desk/network/incidents/report/", form).status_code == 302
    assert NetworkIncident.objects.get().cause == "cable_cut"
    late = form | {"since": "2090-01-01T00:00"}
    assert client.post("/desk/network/incidents/report/", late).status_code == 400


def test_a_plan_of_notices_holds_once_two_others_approved_it() -> None:
    small_network()
    drafter, first, second = (
        signed_in(colleague(name, "manager")) for name in ("a.a", "b.b", "c.c")
    )
    form = {
        "kinds": ["outage"],
        "least_severity": "major",
        "least_minutes": 0,
        "cap": 10,
        "begins_zh": "{area}断网。",
        "begins_en": "{area} is down.",
        "ends_zh": "{area}已修复。",
        "ends_en": "{area} is repaired.",
    }
    odd = drafter.post("/desk/network/notices/", form | {"ends_en": "{name}"})
    assert odd.status_code == 400
    assert drafter.post("/desk/network/notices/", form).status_code == 302
    plan = NoticePlan.objects.get()
    approve = f"/desk/network/notices/{plan.id}/approve/"
    assert drafter.post(approve).status_code == 403
    assert first.post(approve).status_code == 302
    assert first.post(approve).status_code == 403
    assert not NoticePlan.objects.get().holds
    assert second.post(approve).status_code == 302
    assert NoticePlan.objects.get().holds
    assert first.post(f"/desk/network/notices/{plan.id}/stop/").status_code == 302
    assert not NoticePlan.objects.get().holds


def test_alarms_come_by_the_interface_in_two_shapes_and_by_file_in_a_third(
    caller: Any, tmp_path: Path
) -> None:
    small_network()
    at = (timezone.now() - HOUR).isoformat()
    webhook = {
        "version": "4",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "LossOfSignal", "area": "n1", "severity": "critical"},
                "startsAt": at,
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": "f1",
            },
            {"status": "firing", "labels": {}, "startsAt": at, "fingerprint": "f2"},
        ],
    }
    client = caller("alarms:write", name="prometheus")
    answer = client.post("/alarms", webhook)
    assert answer.status_code == 202
    assert (answer.json()["new"], answer.json()["opened"]) == (1, [1])
    assert list(answer.json()["refused"]) == ["alerts[1]"]
    tmf = {
        "id": "t1",
        "alarmRaisedTime": at,
        "perceivedSeverity": "major",
        "probableCause": "powerProblem",
        "alarmedObject": {"id": "cell-9"},
        "place": [{"id": "s1"}],
    }
    assert client.post("/alarms?source=tmf", [tmf]).json()["opened"] == [2]
    assert NetworkAlarm.objects.get(key="t1").cause == "power"
    assert client.post("/alarms", {"nothing": 1}).status_code == 400
    assert caller("measures:read", name="other").post("/alarms", webhook).status_code == 403
    file = tmp_path / "alarms.csv"
    file.write_text(f"alarm,at,area,kind\nc1,{at},n2,outage\nc2,yesterday,n2,outage\n")
    ran = amends("quality", "alarms", str(file), "--json")
    assert ran.code == 1
    assert (ran.document["new"], ran.document["received"]) == (1, 2)
    assert ran.document["refused"] == {"row 3": "yesterday is not a time"}
    listed = amends("quality", "incidents", "--json").document
    assert sorted(one["areas"] for one in listed["incidents"]) == [["n1", "n2"], ["s1"]]


def test_cells_move_and_are_renamed(tmp_path: Path) -> None:
    small_network()
    file = tmp_path / "cells.csv"
    file.write_text("cell,area,since\nc1,n1,2026-01-01T00:00:00+08:00\nc2,mars,\n")
    first = amends("quality", "cells", str(file), "--json")
    assert first.code == 1
    assert (first.document["new"], first.document["refused"]) == (
        1,
        {"3": "area mars is not known"},
    )
    file.write_text("cell,area,since\nc1,s1,2026-06-01T00:00:00+08:00\n")
    assert amends("quality", "cells", str(file), "--json").document["moved"] == 1


def test_days_of_an_incident_begin_at_local_midnight() -> None:
    started = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    starts = bucket_starts(started, started + timedelta(days=2), by_day=True)
    assert [(at.hour, at.day) for at in starts] == [(0, 25), (0, 26), (0, 27), (0, 28)]
    assert all(at.utcoffset() == timedelta(hours=8) for at in starts)
    hours = bucket_starts(started, started + timedelta(hours=2), by_day=False)
    assert [at.hour for at in hours] == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("language", "day"), [("en", "4 Nov 2026 14:05"), ("zh-hans", "2026年11月4日 14:05")]
)
def test_what_django_formats_reads_as_everything_else(language: str, day: str) -> None:
    at = datetime(2026, 11, 4, 14, 5, tzinfo=UTC)
    with translation.override(language):
        assert date_format(at, "DATETIME_FORMAT") == day
        assert date_format(at, "SHORT_DATE_FORMAT") == day.rsplit(" ", 1)[0]
        assert format_moment(at, language, "UTC") == day


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_day_of_the_network_begins_with_incidents_and_areas(
    incident: NetworkIncident, language: str
) -> None:
    page = text(signed_in(colleague("lin", "network"), language).get("/desk/day/"))
    titles = {
        "en": ("Network incidents that last", "Areas to look at first"),
        "zh-hans": ("持续中的网络事件", "优先查看的区域"),
    }[language]
    assert f'href="/desk/network/incidents/{incident.number}/"' in page
    assert 'href="/desk/network/areas/n1/why/"' in page
    assert page.index(titles[0]) < page.index(titles[1])
