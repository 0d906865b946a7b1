"""A hot issue, network incidents and faults of services that describe one event are linked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amends.causes.vetting.models import RegisteredService
from amends.network.quality.actions.take_signs import take_alarms
from amends.network.quality.models import NetworkIncident
from amends.network.quality.rules.alarms import AlarmReport
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.platform.kit.actors import system
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.suspect_faults import suspect_faults
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries.linked_events import linked_events
from amends.work.approvals.models import WaitingItem
from tests.actions.quality.network import BORN, NOW, small_network
from tests.clock import begin_at
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


def issue(place: str = "area=n1|code=network.outage") -> HotIssue:
    return open_issue([place], started_at=NOW - 3 * HOUR, now=NOW, actor=system("scan"))


def alarm(area: str, at_hours_ago: int = 2) -> NetworkIncident:
    report = AlarmReport(f"alarm-{area}", NOW - at_hours_ago * HOUR, area=area)
    take_alarms([report], source="nms", by=system("quality"), now=NOW)
    return NetworkIncident.objects.order_by("-number")[0]


def test_an_incident_of_the_same_area_and_hours_is_linked_and_its_users_count_once() -> None:
    people = small_network()
    found, incident, elsewhere = issue(), alarm("n1"), alarm("s1")
    found.memberships.create(complaint="c-1", person=people["n1"][0], joined_at=NOW)
    linked = linked_events(found, now=NOW)
    assert [event.ref for event in linked.events] == [str(incident.number)]
    assert linked.affected == 4, "who complained is one of the four affected"
    suspect_faults(now=NOW)
    incident.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (incident.hot_issue, elsewhere.hot_issue) == (found.subject, "")
    client = signed_in(colleague("mei", "manager", "network"))
    page = client.get(f"/desk/hotissues/{found.id}/").content.decode()
    assert "4 users are affected by this issue or one of these records" in page
    assert page.count(f"Network incident {incident.number}") >= 2, "in the list and the history"
    assert (
        "describes the same event"
        in client.get(f"/desk/network/incidents/{incident.number}/").content.decode()
    )


def test_a_fault_of_the_service_is_part_of_the_event() -> None:
    people = small_network()
    for number, area in enumerate(("n1", "n2")):
        open_services(
            [NewService(people[area][0], "value_added", BORN, "pod", "1", ref=f"p{number}")]
        )
    service = RegisteredService.objects.create(
        ref="pod-video",
        origin="partner",
        name_zh="豆荚",
        name_en="Pod",
        offer="pod",
        changed_at=NOW,
    )
    link = service.links.create(name="content", kind="provider")
    link.faults.create(from_at=NOW - 2 * HOUR, to_at=NOW, evidence={}, found_at=NOW)
    link.faults.create(from_at=NOW - 90 * HOUR, to_at=NOW - 80 * HOUR, evidence={}, found_at=NOW)
    found = issue("product=pod|code=network.speed")
    linked = linked_events(found, now=NOW)
    assert [(event.kind, event.ref) for event in linked.events] == [("service_fault", "pod-video")]
    assert linked.affected == 2
    assert linked.lasting_incidents == []


def test_closing_the_issue_asks_for_the_incidents_of_the_event() -> None:
    small_network()
    found, incident = issue(), alarm("n1")
    Cause.objects.filter(issue=found).delete()
    client = signed_in(colleague("mei", "manager", "network"))
    url = f"/desk/hotissues/{found.id}/act/close/"
    refused = client.post(url, {"reason": "repaired at noon"})
    assert refused.status_code == 400
    assert "Network incidents of the same event that last" in refused.content.decode()
    client.post(url, {"reason": "repaired at noon", "others": "end"})
    found.refresh_from_db()
    assert found.state == "closed"
    item = WaitingItem.objects.get()
    assert str(incident.number) in (item.subject_key, item.subject_path, item.subject_title)


def test_without_an_incident_nothing_more_is_asked() -> None:
    small_network()
    found = issue()
    client = signed_in(colleague("mei", "manager"))
    client.post(f"/desk/hotissues/{found.id}/act/close/", {"reason": "repaired at noon"})
    found.refresh_from_db()
    assert found.state == "closed"
