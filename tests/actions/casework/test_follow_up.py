"""Follow-ups and waits: a case comes back by itself, and a wait pauses only what its rule pauses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.actions.casework.conftest import Staff
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import complain

from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.respond import withdraw
from amends.cases.complaints.actions.wait import UnableToWait, pausable, wait_for_customer
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.work.casework.actions.follow_up import (
    UnableToFollowUp,
    end_due_follow_ups,
    end_follow_up,
    set_follow_up,
)
from amends.work.casework.models import Absence, FollowUp, Team
from amends.work.casework.queries.work import notifications, waiting_follow_up
from amends.work.casework.texts.timeline import timeline

FRIDAY = date(2026, 11, 27)
THEN = NOW + timedelta(days=3)


def follow_up(
    complaint: Complaint, staff: Staff, day: date = FRIDAY, reason: str = "问仓库"
) -> None:
    set_follow_up("complaint", complaint.id, due_on=day, reason=reason, actor=staff.li, now=NOW)


def test_a_case_comes_back_on_its_day(staff: Staff, complaint: Complaint) -> None:
    take([complaint.id], actor=staff.wang, now=NOW)
    follow_up(complaint, staff)
    assert end_due_follow_ups(now=NOW) == 0
    assert end_due_follow_ups(now=THEN) == 1
    assert waiting_follow_up("complaint", complaint.id) is None
    assert [entry.what for entry in notifications(staff.wang)] == ["follow_up"]
    assert end_due_follow_ups(now=THEN) == 0


def test_who_is_away_does_not_hold_it_back(staff: Staff, complaint: Complaint) -> None:
    Team.objects.create(slug="billing", title="资费组", lead=staff.lead.ref)
    take([complaint.id], actor=staff.wang, now=NOW)
    Complaint.objects.filter(id=complaint.id).update(team="billing")
    from amends.work.casework.models import Assignment

    Assignment.objects.update(team=Team.objects.get())
    follow_up(complaint, staff)
    Absence.objects.create(
        person=staff.wang.ref, first_day=FRIDAY, last_day=FRIDAY, set_by="x", set_at=NOW
    )
    end_due_follow_ups(now=THEN)
    assert [entry.what for entry in notifications(staff.lead)] == ["follow_up"]


def test_another_day_replaces_the_first_and_both_are_in_the_timeline(
    staff: Staff, complaint: Complaint
) -> None:
    follow_up(complaint, staff)
    follow_up(complaint, staff, FRIDAY + timedelta(days=7), "再问")
    assert FollowUp.objects.filter(ended_at__isnull=True).count() == 1
    assert [entry.reason for entry in timeline("complaint", complaint.id) if entry.reason] == [
        "问仓库",
        "再问",
    ]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 24), "今天"),
        (date(2026, 11, 1), "过去"),
        (date(2029, 1, 1), "太远"),
        (FRIDAY, "  "),
    ],
)
def test_a_day_or_reason_that_is_of_no_use_is_refused(
    staff: Staff, complaint: Complaint, day: date, reason: str
) -> None:
    with pytest.raises(UnableToFollowUp):
        follow_up(complaint, staff, day, reason)
    assert not FollowUp.objects.exists()


def test_closing_ends_what_waits(staff: Staff, complaint: Complaint) -> None:
    follow_up(complaint, staff)
    withdraw(complaint.id, actor=staff.li, now=NOW, tell=False)
    assert FollowUp.objects.get().ended_because == "closed"
    with pytest.raises(UnableToWait):
        wait_for_customer(complaint.id, until=FRIDAY, reason="等回复", actor=staff.li, now=NOW)


def test_a_wait_pauses_no_deadline_whose_rule_does_not_say_so(
    staff: Staff, complaint: Complaint
) -> None:
    pauses, runs = pausable(complaint.id, now=NOW)
    wait = wait_for_customer(
        complaint.id, until=FRIDAY, reason="等用户的截图", actor=staff.li, now=NOW
    )
    assert (wait.paused, wait.running) == (pauses, runs)
    paused = Clock.objects.filter(complaint=complaint.id, paused_at__isnull=False)
    assert sorted(paused.values_list("step", flat=True)) == sorted(pauses)
    assert end_follow_up("complaint", complaint.id, actor=staff.li, now=NOW)


def test_the_customer_ends_a_wait_and_not_a_follow_up(staff: Staff, complaint: Complaint) -> None:
    follow_up(complaint, staff)
    complain("k2")
    assert waiting_follow_up("complaint", complaint.id) is not None
    wait_for_customer(complaint.id, until=FRIDAY, reason="等用户的截图", actor=staff.li, now=NOW)
    complain("k3")
    assert waiting_follow_up("complaint", complaint.id) is None
    assert FollowUp.objects.order_by("id").last().ended_because == "contact"


def test_a_paused_deadline_runs_on_when_the_day_comes(
    staff: Staff, complaint: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from amends.cases.complaints.actions import running_clocks, wait
    from amends.engines.decisions.allowances import ClockAllowance, allowance

    def pauses_for_the_user(rule: str, step: str, counting: str) -> ClockAllowance:
        return replace(allowance(rule, step, counting), pauses=("awaiting_user",))

    monkeypatch.setattr(running_clocks, "allowance", pauses_for_the_user)
    monkeypatch.setattr(wait, "allowance", pauses_for_the_user)
    before = Complaint.objects.get(id=complaint.id).next_due_at
    waits = wait_for_customer(
        complaint.id, until=FRIDAY, reason="等用户的截图", actor=staff.li, now=NOW
    )
    assert waits.paused
    event = Event.objects.filter(complaint=complaint.id, verb="paused").last()
    assert (event.actor, event.details["why"]) == (staff.li.ref, "awaiting_user")
    end_due_follow_ups(now=THEN)
    complaint.refresh_from_db()
    assert not Clock.objects.filter(complaint=complaint.id, paused_at__isnull=False).exists()
    assert complaint.next_due_at > before
