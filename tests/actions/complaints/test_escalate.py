"""A deadline that passed unmet reaches somebody: once for each step, until it is met."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import clocks, pipeline
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.inbox import InboxFilter
from amends.cases.complaints.queries.workload import workload
from amends.channels.models import OutboxMessage
from amends.people.access.actions.add_user import add_user
from amends.people.access.actions.look import look
from amends.people.access.queries import access_to, actor_called
from amends.people.access.refusals import UnableToAccess
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.postgres_too

HOUR = timedelta(hours=1)


def _complaint(key: str = "k-1", brand: str = "") -> Complaint:
    said = Submission(
        channel="app",
        key=key,
        text=f"宽带一到晚上就断，打了三次电话都说在排期。{key}",
        received_at=NOW,
        phone="" if brand else PHONE,
        identity="operator_login",
        brand=brand,
    )
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def _colleague(name: str, role: str, brand: str = "") -> None:
    person = add_user(name, password="harbour-kite-42", roles=[role], brand=brand)
    person.email, person.language = f"{name}@desk.example", "en"
    person.save()


def _escalations(complaint: Complaint) -> list[str]:
    events = Event.objects.filter(complaint=complaint, verb="escalation").order_by("at", "id")
    return [event.details["role"] for event in events]


def _letters() -> list[str]:
    sent = OutboxMessage.objects.filter(key__startswith="escalation:").order_by("id")
    return [row.key.rpartition(":")[2] for row in sent]


def test_first_a_senior_is_told_then_the_manager_each_once(world: World) -> None:
    _colleague("shen", "senior_handler")
    _colleague("guan", "manager")
    complaint = _complaint()
    due = complaint.next_due_at
    assert due is not None
    assert clocks.check_clocks(now=due - HOUR).escalated == 0
    assert clocks.check_clocks(now=due + HOUR).escalated == 1
    assert clocks.check_clocks(now=due + 2 * HOUR).escalated == 0
    assert _escalations(complaint) == ["senior_handler"]
    complaint.refresh_from_db()
    assert complaint.escalated_to == "senior_handler"
    assert clocks.check_clocks(now=due + 25 * HOUR).escalated >= 1
    assert clocks.check_clocks(now=due + 26 * HOUR).escalated == 0
    assert _escalations(complaint)[-1] == "manager"
    assert len(_letters()) == 2


def test_after_a_standstill_only_the_last_step_is_told(world: World) -> None:
    _colleague("shen", "senior_handler")
    _colleague("guan", "manager")
    complaint = _complaint()
    assert complaint.next_due_at is not None
    clocks.check_clocks(now=complaint.next_due_at + 48 * HOUR)
    assert set(_escalations(complaint)) == {"manager"}
    assert len(_letters()) == 1


def test_it_shows_in_the_inbox_until_the_clock_is_met(world: World) -> None:
    complaint = _complaint()
    assert complaint.next_due_at is not None
    late = complaint.next_due_at + HOUR
    clocks.check_clocks(now=late)
    shown = listing.page(InboxFilter(view="escalated"), now=late)
    assert [row["id"] for row in shown.rows] == [complaint.id]
    assert listing.counts(["escalated"], brand="", handler="", now=late) == {"escalated": 1}
    assert workload(now=late).escalated == 1
    complaint.refresh_from_db()
    move(complaint, "withdraw", actor=Actor("subscriber", world.person), now=late)
    complaint.refresh_from_db()
    assert complaint.escalated_to == ""
    assert workload(now=late).escalated == 0


def test_a_colleague_hears_of_their_own_brand_alone(world: World) -> None:
    _colleague("plum", "senior_handler", brand="plum")
    _colleague("all", "senior_handler")
    one, other = _complaint("k-1", brand="plum"), _complaint("k-2", brand="pear")
    assert one.next_due_at is not None
    clocks.check_clocks(now=one.next_due_at + HOUR)
    assert len(_letters()) == 2
    assert _escalations(one) == _escalations(other) == ["senior_handler"]


def test_a_met_or_closed_complaint_wakes_nobody(world: World) -> None:
    complaint = _complaint()
    assert complaint.next_due_at is not None
    Clock.objects.filter(complaint=complaint).update(met_at=NOW)
    assert clocks.check_clocks(now=complaint.next_due_at + HOUR).escalated == 0
    assert _escalations(complaint) == []


@pytest.mark.sqlite_only
def test_looking_for_what_is_late_reads_an_index(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        clocks.escalate(now=NOW)
    asked = next(one["sql"] for one in queries if "complaints_clock" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "clock_late" in plan


def _investigated(world: World) -> Complaint:
    complaint = _complaint()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    complaint.refresh_from_db()
    return complaint


def test_escalation_opens_the_case_to_the_role_it_names(world: World) -> None:
    _colleague("guan", "manager")
    manager = actor_called("guan")
    complaint = _investigated(world)
    assert complaint.next_due_at is not None
    with pytest.raises(UnableToAccess):
        look(manager, complaint.case, ["phone"], now=NOW)
    late = complaint.next_due_at + 25 * HOUR
    clocks.check_clocks(now=late)
    look(manager, complaint.case, ["phone"], now=late)
    grants = access_to(complaint.case, manager, now=late).grants
    (grant,) = (one for one in grants if one.grantee == "manager")
    assert grant.reason
    assert grant.until is not None
    with pytest.raises(UnableToAccess):
        look(manager, complaint.case, ["phone"], now=grant.until)


def test_what_escalation_opened_ends_soon_after_the_complaint_is_closed(world: World) -> None:
    _colleague("guan", "manager")
    manager = actor_called("guan")
    complaint = _investigated(world)
    assert complaint.next_due_at is not None
    late = complaint.next_due_at + 25 * HOUR
    clocks.check_clocks(now=late)
    complaint.refresh_from_db()
    move(complaint, "withdraw", actor=Actor("subscriber", world.person), now=late)
    look(manager, complaint.case, ["phone"], now=late + timedelta(days=6))
    with pytest.raises(UnableToAccess):
        look(manager, complaint.case, ["phone"], now=late + timedelta(days=8))


def test_a_case_opened_after_the_escalation_is_open_to_the_role_too(world: World) -> None:
    _colleague("guan", "manager")
    complaint = _complaint()
    assert complaint.next_due_at is not None
    late = complaint.next_due_at + 25 * HOUR
    clocks.check_clocks(now=late)
    pipeline.acknowledge_waiting(now=late)
    investigate_many([complaint.id], actor=pipeline.DESK, now=late)
    complaint.refresh_from_db()
    look(actor_called("guan"), complaint.case, ["phone"], now=late)
