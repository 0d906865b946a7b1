"""Whom a letter sends its reader to, and until when: under every pack, and for each kind of matter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.escalate_to_regulator import declare_deadlock
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Reply
from amends.cases.complaints.queries import complaint as view_of
from amends.cases.complaints.queries.complainant_view import resort
from amends.engines.decisions.clocks import pack_currency
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

HANDLER = Actor("user", "usr-1", ("handler",))
RINGTONE = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
BILL = "You charged me twice for the month of October, give me the money back."


def _complaint(text: str = RINGTONE, **more: object) -> str:
    said = {
        "channel": "app",
        "key": "k-1",
        "text": text,
        "received_at": NOW,
        "phone": PHONE,
        "identity": "operator_login",
    }
    ref = receive(Submission(**(said | more)), now=NOW).complaint  # type: ignore[arg-type]
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    return ref


def _refused(ref: str) -> str:
    """The letter of a complaint that was not upheld."""
    jurisdiction = Complaint.objects.get(id=ref).jurisdiction
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency=pack_currency(jurisdiction),
        reason="Checked by hand: nothing was owed.",
        customer_text="Checked by hand: nothing was owed.",
        actor=HANDLER,
        now=NOW,
    )
    settle(ref, actor=HANDLER, now=NOW)
    return str(Reply.objects.get(complaint=ref, kind__startswith="not_upheld").body)


@pytest.mark.parametrize(
    ("jurisdiction", "told"),
    [
        (
            "cn",
            "you can take your complaint to the Communications Administration of Beijing until",
        ),
        ("in", "until 24 Dec 2026"),
        ("uk", "until 24 Nov 2027"),
        ("eu", "its own published time limit applies"),
        ("us", "you can take your complaint to the Federal Communications Commission; its own"),
        (
            "au",
            "you can take your complaint to the Telecommunications Industry Ombudsman; its own",
        ),
    ],
)
def test_a_letter_of_deadlock_leaves_under_every_pack(
    jurisdiction: str, told: str, settings, world: World
) -> None:
    """Under `uk` it is the letter the law asks for; the way on stands in it, as far as known."""
    settings.JURISDICTION = jurisdiction
    ref = _complaint(BILL, language="en")
    letter = declare_deadlock(
        ref,
        reason="Our offer is as far as we can go.",
        customer_text="Our offer is as far as we can go.",
        actor=HANDLER,
        now=NOW,
    )
    assert letter.posted_at == NOW
    assert told in letter.body
    assert "You can use this notice to take it further." in letter.body
    assert Complaint.objects.get(id=ref).state == "deadlocked"


@pytest.mark.parametrize(
    ("jurisdiction", "told"),
    [
        ("uk", "If it is not settled by 6 Jan 2027, you can take your complaint to the dispute"),
        ("eu", "you can take your complaint to the national regulator"),
    ],
)
def test_a_refusal_says_where_to_go_on_though_no_day_is_known(
    jurisdiction: str, told: str, settings, world: World
) -> None:
    settings.JURISDICTION = jurisdiction
    assert told in _refused(_complaint(BILL, language="en"))


def _charged(world: World, days: int, ref: str) -> None:
    """One more charge of the ringtone, so many days ago, that may no longer be taken back."""
    charge = Fact(
        "ChargeMade",
        world.person,
        world.ringtone,
        NOW - timedelta(days=days),
        "billing",
        {
            "charge": ref,
            "charge_kind": "value_added",
            "offer": "offer-ring",
            "amount_minor": 1000,
            "currency": "CNY",
        },
    )
    with transaction.atomic():
        append([charge], now=NOW - timedelta(hours=1))


def test_the_charges_of_a_ringtone_are_a_dispute_on_charges(world: World) -> None:
    """Five months from the first charge of 6 September, not two years: the class is consent."""
    ref = _complaint(language="en")
    assert not Complaint.objects.get(id=ref).code.startswith("billing.")
    settle(ref, actor=HANDLER, now=NOW)
    body = Reply.objects.get(complaint=ref, kind__startswith="upheld").body
    assert "until 6 Feb 2027" in body
    view = view_of(ref)
    assert view is not None
    found = resort(view, now=NOW, shown=True)
    assert found is not None
    assert found.closes_at is not None
    assert found.closes_at.date().isoformat() == "2027-02-06", "the page says the same day"


def test_no_last_day_is_shown_before_the_records_are_read(world: World) -> None:
    """By its class alone it would be two years, and five months as soon as the charges are known."""
    said = {"channel": "app", "key": "k-1", "text": RINGTONE, "received_at": NOW, "phone": PHONE}
    ref = receive(Submission(**said, identity="operator_login"), now=NOW).complaint
    view = view_of(ref)
    assert view is not None
    waiting = resort(view, now=NOW, shown=True)
    assert waiting is not None
    assert waiting.closes_at is None
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    examined = resort(view, now=NOW, shown=True)
    assert examined is not None
    assert examined.closes_at is not None
    assert examined.closes_at.date().isoformat() == "2027-02-06"


def test_one_charge_too_old_does_not_close_the_way_for_the_others(world: World) -> None:
    _charged(world, 160, "chg-old")
    ref = _complaint(language="en")
    letter = declare_deadlock(
        ref, reason="We do not agree.", customer_text="We do not agree.", actor=HANDLER, now=NOW
    )
    assert "until 6 Feb 2027" in letter.body
    assert "ended on" not in letter.body


def test_a_time_that_is_past_is_said_and_stops_no_letter(world: World) -> None:
    ref = _complaint(language="en")
    late = NOW + timedelta(days=200)
    letter = declare_deadlock(
        ref, reason="We do not agree.", customer_text="We do not agree.", actor=HANDLER, now=late
    )
    assert "ended on" in letter.body
    assert "It decides whether it can still accept it" in letter.body
