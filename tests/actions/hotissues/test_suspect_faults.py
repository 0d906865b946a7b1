"""A hot issue whose likeliest cause is a fault that no system recorded suspects an incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.actions.quality.network import small_network

from amends.network.quality.actions.take_signs import take_alarms
from amends.network.quality.models import NetworkIncident
from amends.network.quality.rules.alarms import AlarmReport
from amends.platform.kit.actors import system
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.suspect_faults import suspect_faults
from amends.problems.hotissues.models import Cause, HotIssue
from amends.record.ledger.queries import facts_on

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def issue(*, fit: float = 0.9, judged: str = "") -> HotIssue:
    """An open issue of the network in North One."""
    found = open_issue(
        ["area=n1|code=network.outage"],
        started_at=NOW - 3 * HOUR,
        now=NOW,
        actor=system("scan"),
    )
    Cause.objects.create(
        issue=found,
        kind="unrecorded",
        reference="n1",
        rank=1,
        from_at=NOW - 4 * HOUR,
        fit=fit,
        numbers={},
        facts=[],
        judged=judged,
    )
    return found


def test_a_hot_issue_suspects_an_incident_once_which_states_nothing_yet() -> None:
    small_network()
    found = issue()
    assert suspect_faults(now=NOW) == [1]
    assert suspect_faults(now=NOW + HOUR) == []
    row = NetworkIncident.objects.get()
    assert (row.state, row.found_by, row.hot_issue) == ("suspected", "hot_issue", found.subject)
    assert row.started_at == NOW - 4 * HOUR
    assert facts_on(["n1"], kinds=["IncidentOpened"]) == []
    # An alarm of the network confirms it: it is the same incident, and evidence from now on.
    alarm = AlarmReport("a", NOW, area="n1")
    assert take_alarms([alarm], source="nms", by=system("quality"), now=NOW).opened == []
    row.refresh_from_db()
    assert row.state == "open"
    assert len(facts_on(["n1"], kinds=["IncidentOpened"])) == 1


def test_an_unlikely_or_ruled_out_cause_suspects_nothing() -> None:
    small_network()
    issue(fit=0.2)
    issue(judged="ruled_out")
    assert suspect_faults(now=NOW) == []


def test_an_incident_that_lasts_there_takes_the_hot_issue() -> None:
    small_network()
    alarm = AlarmReport("a", NOW - HOUR, area="n1")
    take_alarms([alarm], source="nms", by=system("quality"), now=NOW)
    found = issue()
    assert suspect_faults(now=NOW) == []
    assert NetworkIncident.objects.get().hot_issue == found.subject
