"""Every pack's complaints are acknowledged with the day an answer is due, where the pack has one."""

from __future__ import annotations

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.build_matter import matters_of
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint, Reply

BILL = "You charged me twice for the month of October, give me the money back."
OUT = "The line is dead, no internet and no calls since yesterday."


def _letter(jurisdiction: str, text: str, settings, language: str = "en") -> str:
    settings.JURISDICTION = jurisdiction
    said = Submission(
        channel="web", key="k-1", text=text, received_at=NOW, phone=PHONE, language=language
    )
    ref = receive(said, now=NOW).complaint
    process(now=NOW)
    assert Complaint.objects.get(id=ref).state != "received"
    return str(Reply.objects.get(complaint=ref, kind="acknowledgement").body)


@pytest.mark.parametrize(
    ("jurisdiction", "told"),
    [
        ("cn", "We will answer you by 9 Dec 2026."),
        ("au", "We will answer you by 8 Dec 2026."),
        ("in", "We will answer you by 22 Dec 2026."),
        ("uk", "If it is not solved by 5 Jan 2027, we will write to you"),
        ("us", ""),
        ("eu", ""),
    ],
)
def test_the_letter_promises_what_the_pack_does(
    jurisdiction: str, told: str, settings, world: World
) -> None:
    body = _letter(jurisdiction, BILL, settings)
    assert told in body
    assert ("We will answer you by" in body) == told.startswith("We will")


def test_the_day_of_the_repair_is_no_day_of_the_answer(settings, world: World) -> None:
    body = _letter("cn", OUT, settings)
    assert "We will answer you by 9 Dec 2026." in body
    assert "The fault is due to be repaired by 26 Nov 2026." in body


@pytest.mark.parametrize(
    ("jurisdiction", "currency"), [("uk", "GBP"), ("in", "INR"), ("cn", "CNY")]
)
def test_money_is_counted_in_the_currency_of_the_pack(
    jurisdiction: str, currency: str, settings, world: World
) -> None:
    settings.JURISDICTION = jurisdiction
    said = Submission(channel="web", key="k-1", text=BILL, received_at=NOW, phone=PHONE)
    complaint = Complaint.objects.get(id=receive(said, now=NOW).complaint)
    assert matters_of([complaint])[complaint.id].currency == currency
