"""From a sign of a fault to the answered complaint, the credit and the notified neighbours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.actions.quality.network import (
    NOW,
    TEXTS,
    approved_plan,
    cells,
    complain_of_line,
    small_network,
)
from tests.second_person import approve_waiting

from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.status import newest_decisions
from amends.channels.models import OutboxMessage
from amends.network.quality.actions.change_incident import (
    confirm_incident,
    dismiss_incident,
    end_incident,
    merge_incidents,
    reopen_incident,
    split_incident,
)
from amends.network.quality.actions.credit_affected import credit_ended
from amends.network.quality.actions.end_incidents import end_lapsed
from amends.network.quality.actions.join_complaints import join_complaints
from amends.network.quality.actions.notify_affected import notify_affected
from amends.network.quality.actions.plan_notices import approve_plan, draft_plan, stop_plan
from amends.network.quality.actions.take_signs import (
    StretchFound,
    report_fault,
    suspect,
    take_alarms,
    take_stretches,
)
from amends.network.quality.models import IncidentComplaint, NetworkAlarm, NetworkIncident
from amends.network.quality.queries.affected import affected_counts
from amends.network.quality.rules.alarms import AlarmReport
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.staff import actor_of_user
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import AmendsError
from amends.record.ledger.queries import facts_on
from amends.work.approvals.actions.decide import approve, undo
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.django_db
JOB = system("quality")
HOUR = timedelta(hours=1)


@pytest.fixture
def people() -> dict[str, list[str]]:
    return small_network()


@pytest.fixture
def manager() -> Actor:
    return actor_of_user(add_user("m.wei", password="Kq7!vz-2mLw-09x", roles=["manager"]))


def alarm(key: str, area: str, at: datetime = NOW, **fields: Any) -> AlarmReport:
    return AlarmReport(key, at, area=area, technology="fibre", **fields)


def take(*alarms: AlarmReport, now: datetime = NOW) -> Any:
    return take_alarms(alarms, source="nms", by=JOB, now=now)


def stretch(cell: str, area: str, start: datetime, hours: float = 4) -> StretchFound:
    return StretchFound(
        cell, area, "down_user_mbps", start, start + hours * HOUR, start + HOUR, 6.0
    )


def test_one_degraded_cell_becomes_incident_answer_credit_and_notices(
    people: dict[str, list[str]],
) -> None:
    """The whole way: a degraded cell, one complaint, three neighbours who say nothing."""
    (cell,) = cells("n1", 1)
    approved_plan()
    start = NOW - 30 * HOUR
    found = take_stretches(
        [stretch(cell, "n1", start, 31)], technology="fibre", by=JOB, now=NOW - 28 * HOUR
    )
    (number,) = found.opened
    incident = NetworkIncident.objects.get(number=number)
    assert (incident.kind, incident.severity, incident.areas) == ("degraded", "major", ["n1"])

    complaint = complain_of_line(
        "n1", 0, NOW - 2 * HOUR, "家里宽带很慢，网速根本达不到，卡得不行！"
    )
    process(now=NOW - 2 * HOUR)
    assert join_complaints(now=NOW) == [complaint]

    rows = newest_decisions([complaint])[complaint].dossier["rows"]
    cited = [row for row in rows if row["about"] == incident.ref]
    assert [row["question"] for row in cited] == ["incident_cleared"]
    assert "北一" in str(cited[0])

    assert notify_affected(now=NOW) == (3, 0)
    messages = OutboxMessage.objects.filter(reference=incident.ref)
    assert messages.count() == 3
    assert incident.people.filter(subscriber=people["n1"][0]).count() == 0
    assert notify_affected(now=NOW + HOUR) == (0, 0)

    ended = end_lapsed(now=NOW + 6 * HOUR, reported_until={cell: NOW + 6 * HOUR})
    assert ended == [number]
    incident.refresh_from_db()
    assert (incident.ended_because, incident.ended_at) == ("counters", NOW + HOUR)
    # The three who were notified and the one who complained all hear that it is over.
    assert notify_affected(now=NOW + 6 * HOUR) == (0, 4)

    assert credit_ended(now=NOW + 6 * HOUR) in (3, 4)
    credits = Remedy.objects.filter(cause__startswith=f"{incident.ref}:")
    # 31 hours: two days begun of half a day's fee of 90 yuan a month.
    assert set(credits.values_list("amount_minor", flat=True)) == {300}
    assert credit_ended(now=NOW + 7 * HOUR) == 0
    counts = affected_counts(incident)
    assert (counts.users, counts.complaints, counts.complained, counts.notified) == (4, 1, 1, 3)
    assert counts.silent.count == 3


def test_ten_thousand_alarms_in_a_minute_are_one_incident_each_region(
    people: dict[str, list[str]],
) -> None:
    storm = [
        alarm(f"a{n}", ("n1", "n2", "s1")[n % 3], NOW - timedelta(seconds=60 * n / 10_000))
        for n in range(10_000)
    ]
    first = take(*storm)
    again = take(*storm, now=NOW + timedelta(minutes=1))
    assert (first.received, first.new, len(first.opened)) == (10_000, 10_000, 2)
    assert (again.new, again.repeated, again.opened) == (0, 10_000, [])
    assert NetworkAlarm.objects.count() == 10_000
    assert sorted(map(sorted, NetworkIncident.objects.values_list("areas", flat=True))) == [
        ["n1", "n2"],
        ["s1"],
    ]


def test_what_one_batch_says_twice_is_one_alarm(people: dict[str, list[str]]) -> None:
    taken = take(alarm("a", "n1"), alarm("a", "n1"), alarm("b", "n1"))
    assert (taken.received, taken.new, taken.repeated) == (3, 2, 1)
    assert taken.new + taken.repeated + taken.cleared + len(taken.refused) == taken.received


def test_a_cleared_alarm_ends_its_incident_and_a_new_one_reopens_it(
    people: dict[str, list[str]],
) -> None:
    (number,) = take(alarm("a", "n1", NOW - 3 * HOUR)).opened
    done = take(alarm("a", "n1", NOW - 3 * HOUR, cleared_at=NOW - HOUR))
    assert (done.cleared, done.ended) == (1, [number])
    assert take(alarm("b", "n1", NOW)).opened == []
    incident = NetworkIncident.objects.get(number=number)
    assert incident.state == "open"
    assert [one.verb for one in incident.events.all()] == ["opened", "ended", "reopened"]


def test_an_area_nobody_knows_is_reported_and_kept(people: dict[str, list[str]]) -> None:
    taken = take(alarm("a", "atlantis"), alarm("b", "atlantis"), alarm("c", "n1"))
    assert taken.unknown_areas == {"atlantis": 2}
    assert len(taken.opened) == 1
    assert NetworkAlarm.objects.filter(problem="area_unknown").count() == 2


def test_an_alarm_names_a_cell_by_its_earlier_name_after_it_moved(
    people: dict[str, list[str]],
) -> None:
    from amends.network.quality.models import NetworkCell

    NetworkCell.objects.create(code="c-1", area="n1", since=NOW - 900 * HOUR)
    NetworkCell.objects.create(code="c-1", area="s1", since=NOW - 10 * HOUR)
    NetworkCell.objects.create(code="c-2new", area="n2", renamed_from="c-2", since=NOW - 10 * HOUR)
    take(
        AlarmReport("a", NOW, cell="c-1", technology="fibre"),
        AlarmReport("b", NOW, cell="c-2", technology="fibre"),
    )
    assert dict(NetworkAlarm.objects.values_list("key", "area")) == {"a": "s1", "b": "n2"}


def test_an_alarm_that_never_ends_closes_by_evidence(people: dict[str, list[str]]) -> None:
    """Cells that measure normally for two hours end it, and three days without any sign."""
    (cell,) = cells("n1", 1)
    (measured,) = take(
        AlarmReport("a", NOW - 20 * HOUR, area="n1", cell=cell), now=NOW - 20 * HOUR
    ).opened
    (silent,) = take(alarm("b", "s1", NOW - 80 * HOUR), now=NOW - 80 * HOUR).opened
    reported = {cell: NOW}
    assert end_lapsed(now=NOW, reported_until={}) == [silent]
    assert end_lapsed(now=NOW, reported_until=reported) == [measured]
    because = dict(NetworkIncident.objects.values_list("number", "ended_because"))
    assert because == {measured: "counters", silent: "no_sign"}


def test_incidents_are_merged_and_split_with_their_history(
    people: dict[str, list[str]], manager: Actor
) -> None:
    (one,) = take(alarm("a", "n1", NOW - 5 * HOUR), now=NOW - 5 * HOUR).opened
    (other,) = take(alarm("b", "s1", NOW - HOUR)).opened
    merge_incidents(other, one, actor=manager, now=NOW)
    whole = NetworkIncident.objects.get(number=one)
    assert whole.areas == ["n1", "s1"]
    assert NetworkAlarm.objects.filter(incident=whole).count() == 2
    new = split_incident(one, areas=["s1"], actor=manager, now=NOW)
    whole.refresh_from_db()
    parted = NetworkIncident.objects.get(number=new)
    assert (whole.areas, parted.areas, parted.split_from) == (["n1"], ["s1"], whole)
    assert parted.started_at == NOW - HOUR
    assert [event.verb for event in whole.events.all()] == ["opened", "merged", "split"]
    end_incident(new, at=NOW, reason="repaired", actor=manager, now=NOW)
    parted.refresh_from_db()
    assert parted.state == "open", "one person alone"
    approve_waiting("network_incident", now=NOW)
    reopen_incident(new, reason="it is not", actor=manager, now=NOW + HOUR)
    approve_waiting("network_incident", now=NOW + HOUR)
    parted.refresh_from_db()
    assert parted.state == "open"
    stated: dict[str, set[str]] = {"IncidentOpened": set(), "IncidentClosed": set()}
    for fact in facts_on(["s1"], kinds=list(stated)):
        stated[fact.kind].add(str(fact.payload["incident"]))
    assert stated["IncidentOpened"] - stated["IncidentClosed"] == {"network-3-2"}


def test_nobody_is_notified_without_two_people_nor_beyond_the_cap(
    people: dict[str, list[str]], manager: Actor
) -> None:
    take(alarm("a", "n1", NOW - HOUR))
    plan = draft_plan(TEXTS, kinds=["outage"], cap=3, least_minutes=0, actor=manager, now=NOW)
    assert notify_affected(now=NOW) == (0, 0)
    with pytest.raises(AmendsError, match="yourself"):
        approve_plan(plan.id, actor=manager, now=NOW)
    first, second = (
        actor_of_user(add_user(name, password="Kq7!vz-2mLw-09x", roles=["manager"]))
        for name in ("a.b", "c.d")
    )
    approve_plan(plan.id, actor=first, now=NOW)
    with pytest.raises(AmendsError, match="already"):
        approve_plan(plan.id, actor=first, now=NOW)
    assert notify_affected(now=NOW) == (0, 0)
    approve_plan(plan.id, actor=second, now=NOW)
    assert notify_affected(now=NOW) == (3, 0)
    assert notify_affected(now=NOW) == (0, 0)
    incident = NetworkIncident.objects.get()
    (event,) = incident.events.filter(verb="cap_reached")
    assert event.details["people"] == 1
    stop_plan(plan.id, actor=first, now=NOW)
    end_incident(incident.number, at=NOW, reason="ended by hand", actor=manager, now=NOW)
    approve_waiting("network_incident", now=NOW)
    assert notify_affected(now=NOW) == (0, 0)


def test_nobody_is_written_to_at_night_or_for_one_cell_of_many(
    people: dict[str, list[str]],
) -> None:
    approved_plan()
    take(alarm("a", "n1", NOW - HOUR))
    assert notify_affected(now=NOW + 13 * HOUR) == (0, 0)
    four = cells("s1", 4)
    take_stretches([stretch(four[0], "s1", NOW - 2 * HOUR)], by=JOB, now=NOW)
    assert NetworkIncident.objects.get(areas=["s1"]).severity == "minor"
    assert notify_affected(now=NOW + 24 * HOUR) == (4, 0)


def test_a_suspected_incident_is_no_evidence_until_somebody_confirms_it(
    people: dict[str, list[str]], manager: Actor
) -> None:
    approved_plan()
    number = suspect(
        area="n1",
        since=NOW - HOUR,
        kind="outage",
        hot_issue="hotissue-7",
        by=system("hotissues"),
        now=NOW,
    )
    assert number is not None
    assert facts_on(["n1"], kinds=["IncidentOpened"]) == []
    assert notify_affected(now=NOW) == (0, 0)
    # A later alarm of the same fault confirms it; the hot issue is not suspected twice.
    assert (
        suspect(
            area="n1",
            since=NOW,
            kind="outage",
            hot_issue="hotissue-7",
            by=system("hotissues"),
            now=NOW,
        )
        is None
    )
    confirm_incident(number, actor=manager, now=NOW)
    assert len(facts_on(["n1"], kinds=["IncidentOpened"])) == 1
    assert notify_affected(now=NOW) == (4, 0)
    with pytest.raises(AmendsError, match="notified"):
        dismiss_incident(number, reason="a mistake", actor=manager, now=NOW)


def test_an_incident_of_several_brands_takes_authority_for_all_of_them(
    people: dict[str, list[str]], manager: Actor
) -> None:
    """One person of a brand requests it; neither they nor another of their brand decide it."""
    (number,) = take(alarm("a", "n1", NOW - HOUR)).opened
    incident = NetworkIncident.objects.get(number=number)
    for name in ("plum", "pear"):
        IncidentComplaint.objects.create(
            complaint=f"c-{name}",
            incident=incident,
            brand=name,
            area="n1",
            came_at=NOW,
            score=0.9,
            joined_at=NOW,
        )
    plum, second = (
        actor_of_user(
            add_user(name, password="Kq7!vz-2mLw-09x", roles=["senior_handler"], brand="plum")
        )
        for name in ("p.one", "p.two")
    )
    request = dismiss_incident(number, reason="an exercise", actor=plum, now=NOW)
    assert request.brands == ["pear", "plum"]
    for person in (plum, second):
        with pytest.raises(AmendsError):
            approve(request.ref, actor=person, now=NOW)
    for change in (
        lambda: confirm_incident(number, actor=second, now=NOW),
        lambda: split_incident(number, areas=["n1"], actor=second, now=NOW),
    ):
        with pytest.raises(AmendsError):
            change()
    incident.refresh_from_db()
    assert incident.state == "open"
    approve(request.ref, actor=manager, now=NOW)
    incident.refresh_from_db()
    assert incident.state == "dismissed"
    reopening = undo(request.ref, actor=manager, reason="It was none", now=NOW)
    incident.refresh_from_db()
    assert (reopening.undone_by, incident.state) == (manager.ref, "open")


def test_complaints_of_other_areas_and_matters_stay_apart(
    people: dict[str, list[str]],
) -> None:
    take(alarm("a", "n1", NOW - HOUR))
    here = complain_of_line("n1", 0, NOW)
    complain_of_line("s1", 0, NOW)
    complain_of_line("n1", 1, NOW, "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！")
    join_complaints(now=NOW + timedelta(minutes=1))
    assert list(IncidentComplaint.objects.values_list("complaint", flat=True)) == [here]
    assert Complaint.objects.count() == 3


def test_a_colleague_of_a_brand_sees_counts_of_that_brand_only(
    people: dict[str, list[str]],
) -> None:
    take(alarm("a", "n1", NOW - HOUR))
    complain_of_line("n1", 0, NOW)
    join_complaints(now=NOW + timedelta(minutes=1))
    incident = NetworkIncident.objects.get()
    assert affected_counts(incident).complaints == 1
    assert affected_counts(incident, brand="other").complaints == 0
    assert affected_counts(incident, brand="other").users == 0


def test_the_report_of_one_colleague_is_no_evidence_until_another_confirms_it(
    people: dict[str, list[str]], manager: Actor
) -> None:
    fault = {"kind": "outage", "cause": "cable_cut", "severity": "critical", "technology": "all"}
    number = report_fault(
        area="n1", since=NOW - timedelta(days=30), actor=manager, now=NOW, **fault
    )
    row = NetworkIncident.objects.get(number=number)
    assert (row.state, facts_on("n1", kinds=["IncidentOpened"])) == ("suspected", [])
    with pytest.raises(AmendsError, match="You reported this fault"):
        confirm_incident(number, actor=manager, now=NOW)
    again = report_fault(area="n1", since=NOW - HOUR, actor=manager, now=NOW, **fault)
    row.refresh_from_db()
    assert (again, row.state) == (number, "suspected")

    take(alarm("a", "s1"))
    genuine = NetworkIncident.objects.exclude(number=number).get()
    for one, other in ((number, genuine.number), (genuine.number, number)):
        with pytest.raises(AmendsError, match="one colleague"):
            merge_incidents(one, other, actor=manager, now=NOW)

    colleague = actor_of_user(add_user("c.lin", password="Kq7!vz-2mLw-09x", roles=["manager"]))
    confirm_incident(number, actor=colleague, now=NOW)
    row.refresh_from_db()
    assert (row.state, len(facts_on("n1", kinds=["IncidentOpened"]))) == ("open", 1)


def test_a_report_of_a_colleague_neither_reopens_an_incident_nor_moves_its_start(
    people: dict[str, list[str]], manager: Actor
) -> None:
    take(alarm("a", "n1"))
    take(alarm("a", "n1", cleared_at=NOW + HOUR), now=NOW + HOUR)
    ended = NetworkIncident.objects.get()
    assert ended.state == "ended"
    number = report_fault(
        area="n1",
        kind="outage",
        cause="cable_cut",
        severity="critical",
        technology="all",
        since=NOW - timedelta(days=30),
        actor=manager,
        now=NOW + HOUR,
    )
    row = NetworkIncident.objects.get(pk=ended.pk)
    assert (row.state, row.started_at, row.severity) == ("ended", ended.started_at, ended.severity)
    assert number == ended.number
    assert row.events.filter(verb="reported").exists()


def test_an_alarm_confirms_a_report_with_its_own_start_and_severity(
    people: dict[str, list[str]], manager: Actor
) -> None:
    number = report_fault(
        area="n1",
        kind="outage",
        cause="cable_cut",
        severity="critical",
        technology="all",
        since=NOW - timedelta(days=30),
        actor=manager,
        now=NOW,
    )
    take(alarm("a", "n1"))
    row = NetworkIncident.objects.get(number=number)
    assert (row.state, row.started_at, row.severity) == ("open", NOW, "major")


def test_the_request_of_an_end_states_its_time(
    people: dict[str, list[str]], manager: Actor
) -> None:
    take(alarm("a", "n1"))
    number, at = NetworkIncident.objects.get().number, NOW + HOUR
    item = end_incident(
        number, at=at, reason="The fibre is repaired.", actor=manager, now=NOW + 2 * HOUR
    )
    assert f"{timezone.localtime(at):%Y-%m-%d %H:%M}" in item.subject_title
