"""Remedies to billing and back: taken once, taken again after a loss, booked once."""

from __future__ import annotations

import pytest

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.record.ledger.queries import facts_about
from amends.work.remedies.models import Remedy
from tests.actions.complaints.conftest import NOW, PHONE, World, world

__all__ = ["world"]


@pytest.fixture
def approved(world: World) -> World:
    """Three refunds approved by rule."""
    receive(
        Submission(
            channel="app",
            key="k1",
            text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
            received_at=NOW,
            phone=PHONE,
            identity="operator_login",
        ),
        now=NOW,
    )
    while pipeline.process(now=NOW).did_something:
        pass
    assert Remedy.objects.filter(kind="refund", state="approved").count() == 3
    return world


def test_an_answer_lost_on_the_way_loses_nothing(caller, approved: World) -> None:
    billing = caller("remedies:billing")
    first = billing.post("/remedies/exports", {}, key="night-1").json()
    again = billing.post("/remedies/exports", {}, key="night-1").json()
    assert again == first
    assert billing.get(f"/remedies/exports/{first['export']}").json() == first
    amounts = [row["amount_minor"] for row in first["remedies"] if row["kind"] == "refund"]
    assert amounts == [1000, 1000, 1000]
    assert billing.post("/remedies/exports", {}, key="night-2").json() == {
        "export": "",
        "remedies": [],
    }


def test_nothing_waiting_stays_nothing_under_the_same_key(caller, approved: World) -> None:
    billing = caller("remedies:billing")
    Remedy.objects.update(state="proposed")
    assert billing.post("/remedies/exports", {}, key="night-1").json()["export"] == ""
    Remedy.objects.update(state="approved")
    assert billing.post("/remedies/exports", {}, key="night-1").json()["export"] == ""
    assert billing.post("/remedies/exports", {}, key="night-2").json()["export"] != ""


def test_a_booking_counts_once_and_is_a_fact(caller, approved: World) -> None:
    billing = caller("remedies:billing")
    rows = billing.post("/remedies/exports", {}, key="night-1").json()["remedies"]
    booked = [{"remedy": row["remedy"], "booking": f"B-{at}"} for at, row in enumerate(rows)]
    assert billing.post("/remedies/acknowledgements", booked).json() == {"new": len(rows)}
    assert billing.post("/remedies/acknowledgements", booked).json() == {"new": 0}
    made = [fact for fact in facts_about(approved.person) if fact.kind == "RefundMade"]
    assert len(made) == 3


def test_what_was_never_taken_cannot_be_booked(caller, approved: World) -> None:
    billing = caller("remedies:billing")
    remedy = Remedy.objects.first()
    assert remedy is not None
    refused = billing.post("/remedies/acknowledgements", [{"remedy": remedy.id, "booking": "B-1"}])
    assert refused.status_code == 400
    assert refused.json()["error"] == "unknown_remedy"
    assert not Remedy.objects.filter(state="acknowledged").exists()
