"""Having a complaint passed on: offered where the life cycle allows it, and done by the same act."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from amends.cases.complaints.actions.escalate_to_regulator import declare_deadlock
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.prove_identity import as_complainant
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.respond import refuse
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Event, Handover
from tests.actions.complaints.conftest import NOW, PHONE, World, world
from tests.pages.portals.conftest import HANDLER, code_sent_for, propose

__all__ = ["world"]
pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
SAID = Submission(
    channel="web",
    key="k1",
    text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    received_at=NOW,
    phone=PHONE,
    language="en",
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moment at which every page is read; a test may put another in its place."""
    now = [LATER]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now


def _page(browser: Client, complaint: Complaint, page: str = "") -> str:
    return browser.get(f"/follow/{complaint.code_public}/{page}").content.decode()


def _complaint(**fields: object) -> Complaint:
    said = replace(SAID, **fields)  # type: ignore[arg-type]
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def _deadlocked(complaint: Complaint) -> None:
    pipeline.acknowledge_waiting(now=NOW)
    declare_deadlock(
        complaint.id,
        reason="我们查不到订购凭证。",
        customer_text="我们查不到订购凭证。",
        actor=HANDLER,
        now=NOW,
    )


def _refused(complaint: Complaint) -> None:
    propose(complaint)
    refuse(complaint.id, text="还差一个月", actor=as_complainant(complaint.subscriber), now=NOW)


def _show(browser: Client, complaint: Complaint) -> None:
    address = f"/follow/{complaint.code_public}/identity/"
    browser.post(address, {"ask": "1"})
    browser.post(address, {"digits": code_sent_for(complaint.code_public)})


@pytest.mark.parametrize("until", [_deadlocked, _refused])
@pytest.mark.parametrize(
    ("language", "button", "told"),
    [
        ("en", "Pass it on to ", "We pass your complaint on to "),
        ("zh-hans", "转交", "我们会把您的投诉转交"),
    ],
)
def test_who_does_not_agree_has_it_passed_on(
    client: Client,
    world: World,
    clock: list[datetime],
    until,
    language: str,
    button: str,
    told: str,
) -> None:
    client.cookies["amends_language"] = language
    complaint = _complaint()
    until(complaint)
    address = f"/follow/{complaint.code_public}/pass-on/"
    assert address not in _page(client, complaint), "the code alone lets nobody act"
    assert client.post(address)["Location"].endswith("/identity/")
    _show(client, complaint)
    page = _page(client, complaint)
    assert address in page
    assert button in page
    assert button in _page(client, complaint, "pass-on/"), "what goes there is read first"
    assert not Handover.objects.exists()
    done = client.post(address, follow=True).content.decode()
    assert told in done
    assert address not in done
    complaint.refresh_from_db()
    assert complaint.state == "with_regulator"
    assert Event.objects.get(verb="pass_on").actor == world.person
    assert Handover.objects.get(complaint=complaint).asked_by == world.person
    again = client.post(address)
    assert again["Location"] == f"/follow/{complaint.code_public}/"
    assert Handover.objects.count() == 1


def test_while_we_look_into_it_nothing_is_passed_on(
    client: Client, world: World, clock: list[datetime]
) -> None:
    """Once our time is over the page says to whom to turn; the life cycle passes on no open file."""
    client.cookies["amends_language"] = "en"
    complaint = _complaint()
    _show(client, complaint)
    address = f"/follow/{complaint.code_public}/pass-on/"
    assert address not in _page(client, complaint)
    assert client.post(address)["Location"] == f"/follow/{complaint.code_public}/"
    complaint.refresh_from_db()
    assert complaint.next_due_at is not None
    pipeline.acknowledge_waiting(now=NOW)
    clock[0] = NOW + timedelta(days=31)
    _show(client, complaint)
    page = _page(client, complaint)
    assert "You need not wait for us" in page
    assert "You can turn to " in page
    assert address not in page


def test_after_the_time_for_it_nothing_is_offered(
    client: Client, world: World, clock: list[datetime]
) -> None:
    client.cookies["amends_language"] = "en"
    complaint = _complaint()
    _deadlocked(complaint)
    clock[0] = NOW + timedelta(days=800)
    _show(client, complaint)
    address = f"/follow/{complaint.code_public}/pass-on/"
    assert address not in _page(client, complaint)
    client.post(address)
    complaint.refresh_from_db()
    assert complaint.state == "deadlocked"
