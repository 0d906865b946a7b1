"""The same person from several devices in the same moment: one complaint, every contact kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.receive import read, receive, receive_read
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Complaint, Contact

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SAID = Submission(
    channel="web",
    key="first",
    text="你们给我乱开彩铃，每月扣10块钱，我没订过！",
    received_at=NOW,
    phone="13900001234",
)


# SQLite has one writer at a time; PostgreSQL shows whether the second waits for the first.
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_sends_while_the_first_is_being_stored_joins_it() -> None:
    stored, may_commit = threading.Event(), threading.Event()

    def first() -> Receipt:
        found = read([SAID], now=NOW)
        with transaction.atomic():
            (receipt,) = receive_read(found, now=NOW)
            stored.set()
            assert may_commit.wait(120)
        connection.close()
        return receipt

    def later(key: str, phone: str) -> Receipt:
        receipt = receive(replace(SAID, key=key, phone=phone), now=NOW)
        connection.close()
        return receipt

    with ThreadPoolExecutor(3) as devices:
        try:
            one = devices.submit(first)
            assert stored.wait(120)
            again = devices.submit(later, "second", SAID.phone)
            other = devices.submit(later, "stranger", "13900005678")
            assert other.result(120).joined == "new"
            assert not again.done()
        finally:
            may_commit.set()
        assert one.result(120).opened
        assert again.result(120).joined == "exact"
        assert again.result().complaint == one.result().complaint


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_from_eight_devices_are_one_complaint() -> None:
    def send(number: int) -> str:
        receipt = receive(replace(SAID, key=f"key {number}"), now=NOW)
        connection.close()
        return receipt.joined

    with ThreadPoolExecutor(8) as devices:
        joined = list(devices.map(send, range(40)))
    assert sorted(joined) == ["exact"] * 39 + ["new"]
    assert Contact.objects.count() == 40
    assert Complaint.objects.get().contacts_count == 40


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_clocks_of_a_complaint_somebody_has_in_hand_are_left_to_the_next_pass() -> None:
    """Who joins a complaint changes its row and then its clocks. A job that held the clock and then
    wrote an event of the complaint waited for them while they waited for it."""
    complaint = Complaint.objects.get(id=receive(SAID, now=NOW).complaint)
    assert complaint.next_due_at is not None
    soon = complaint.next_due_at - timedelta(hours=1)
    in_hand, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Complaint.objects.filter(id=complaint.id).update(contacts_count=2)
            in_hand.set()
            assert let_go.wait(120)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        try:
            holding = other.submit(hold)
            assert in_hand.wait(120)
            assert clocks.check_clocks(now=soon).warned == 0
        finally:
            let_go.set()
        holding.result(120)
    assert clocks.check_clocks(now=soon).warned == 1
