"""A question to a customer waits until it is answered, withdrawn or no longer required."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.actions.casework.conftest import Staff, complaint, staff
from tests.actions.complaints.conftest import NOW, world
from tests.pages.conftest import complain

from amends.cases.complaints.actions.write_to_customer import ask_question
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.arrivals import arrived
from amends.work.approvals.jobs import lapse_overdue
from amends.work.approvals.models import WaitingItem
from amends.work.casework.actions.follow_up import (
    customers_answered,
    end_follow_up,
)
from amends.work.casework.queries.work import waiting_follow_up

__all__ = ["complaint", "staff", "world"]
QUESTION = "请问您在哪一天收到这条扣费短信？"


def ask(staff: Staff, complaint: Complaint, *, until: date | None = date(2026, 11, 27)) -> None:
    ask_question(
        complaint.id,
        subject="还需要您补充一点",
        text=QUESTION,
        seen=arrived(complaint.id, staff.li.ref).mark,
        wait_until=until,
        actor=staff.li,
        now=NOW,
    )


def test_the_customer_answers_on_the_status_page(
    staff: Staff, complaint: Complaint, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(staff, complaint)
    address = f"/follow/{complaint.code_public}/"
    page = client.get(address).content.decode()
    assert "需要您回复一个问题" in page
    assert "我们正在核对记录" not in page
    assert 'name="text"' in page
    assert f'action="{address}more/"' in page
    assert QUESTION not in page, "the code alone does not open the letter"
    client.post(f"{address}more/", {"text": "11月20日早上收到的。", "key": "answer-1"})
    (item,) = WaitingItem.objects.all()
    assert (item.state, item.answered_by) == ("answered", "customer")
    assert "需要您回复一个问题" not in client.get(address).content.decode()
    assert waiting_follow_up("complaint", complaint.id) is None


def test_it_ends_with_our_answer_and_the_wait_with_it(staff: Staff, complaint: Complaint) -> None:
    ask(staff, complaint)
    customers_answered("complaint", [complaint.id], by=staff.li.ref, now=NOW)
    assert WaitingItem.objects.get().state == "overtaken"
    assert waiting_follow_up("complaint", complaint.id) is None


def test_who_ends_the_wait_withdraws_the_question(staff: Staff, complaint: Complaint) -> None:
    ask(staff, complaint)
    end_follow_up("complaint", complaint.id, actor=staff.wang, now=NOW)
    item = WaitingItem.objects.get()
    assert (item.state, item.answered_by) == ("withdrawn", staff.wang.ref)


def test_without_an_answer_it_lapses(staff: Staff, complaint: Complaint) -> None:
    ask(staff, complaint, until=None)
    item = WaitingItem.objects.get()
    assert timezone.localdate(item.due_at) == timezone.localdate(NOW) + timedelta(days=7)
    assert lapse_overdue(now=item.due_at + timedelta(minutes=1)) == 1
    item.refresh_from_db()
    assert item.state == "lapsed"


def test_a_later_message_answers_it(staff: Staff, complaint: Complaint) -> None:
    ask(staff, complaint)
    complain("k2")
    assert WaitingItem.objects.get().state == "answered"
