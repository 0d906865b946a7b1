"""Refunds: proposed once, approved by amount, exported, acknowledged; never above the charge."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Value

from amends.platform.database import triggers
from amends.platform.kit.actors import Actor, system
from amends.record.ledger.queries import facts_about
from amends.work.remedies.actions.approve import (
    UnableToApprove,
    agree,
    approve,
    reject,
    take_up,
    turn_away,
)
from amends.work.remedies.actions.export import (
    UnableToAcknowledge,
    acknowledge,
    as_csv,
    export,
    exported,
)
from amends.work.remedies.actions.propose import Proposal, UnableToPropose, propose
from amends.work.remedies.models import ChargeBalance, Remedy
from amends.work.remedies.queries import unfinished, waiting

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HANDLER = Actor("user", "usr-handler", ("handler",))
MANAGER = Actor("user", "usr-manager", ("manager",))


def refund(cause: str = "complaint:a", minor: int = 600, charge: str = "chg-1") -> Proposal:
    return Proposal(
        cause=cause,
        kind="refund",
        subscriber="person-1",
        service="svc-1",
        charge=charge,
        charge_minor=1000,
        amount_minor=minor,
        rule="cn.confirmation@2025-04-30",
        currency="CNY",
    )


@pytest.mark.django_db
def test_the_same_proposal_twice_is_one_remedy() -> None:
    first = propose([refund()], by="amends", now=NOW)
    again = propose([refund(minor=999)], by="amends", now=NOW)
    assert [item.id for item in first] == [item.id for item in again]
    assert again[0].amount_minor == 600


@pytest.mark.django_db
def test_two_causes_cannot_refund_more_than_the_charge() -> None:
    propose([refund()], by="amends", now=NOW)
    with pytest.raises(UnableToPropose):
        propose([refund(cause="complaint:b", minor=401)], by="amends", now=NOW)
    propose([refund(cause="complaint:c", minor=400)], by="amends", now=NOW)
    assert ChargeBalance.objects.get().refunded_minor == 1000


@pytest.mark.django_db
def test_the_refusal_names_whose_proposals_do_not_fit() -> None:
    propose([refund()], by="amends", now=NOW)
    asked = [
        refund(cause="complaint:b", minor=300),
        refund(cause="complaint:c", minor=200),
        refund(cause="complaint:c", minor=1000, charge="chg-2"),
        refund(cause="complaint:d", minor=1000, charge="chg-2"),
    ]
    with pytest.raises(UnableToPropose) as refused:
        propose(asked, by="amends", now=NOW)
    assert refused.value.causes == ("complaint:c",)
    fitting = [item for item in asked if item.cause not in refused.value.causes]
    assert len(propose(fitting, by="amends", now=NOW)) == 2


@pytest.mark.django_db
def test_a_rejected_refund_frees_its_charge() -> None:
    (remedy,) = propose([refund(minor=1000)], by="amends", now=NOW)
    reject([remedy.id], actor=HANDLER, reason="The charge was right.", now=NOW)
    propose([refund(cause="complaint:b", minor=1000)], by="amends", now=NOW)
    assert ChargeBalance.objects.get().refunded_minor == 1000


@pytest.mark.django_db
def test_the_database_itself_refuses_a_larger_refund() -> None:
    (remedy,) = propose([refund()], by="amends", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Remedy.objects.filter(id=remedy.id).update(amount_minor=1001)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE remedies_remedy SET charge = NULL")
    assert ChargeBalance.objects.get().refunded_minor == 600


@pytest.mark.django_db
def test_what_billing_gave_back_itself_counts() -> None:
    item = Proposal(
        cause="complaint:a",
        kind="refund",
        charge="chg-9",
        charge_minor=1000,
        refunded_elsewhere_minor=700,
        amount_minor=301,
        currency="CNY",
    )
    with pytest.raises(UnableToPropose):
        propose([item], by="amends", now=NOW)


@pytest.mark.django_db
def test_guards_come_back_after_a_table_is_rebuilt() -> None:
    assert triggers.missing(connection) == []
    with connection.cursor() as cursor:
        on_table = " ON remedies_remedy" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER remedies_refund_changed{on_table}")
    assert triggers.missing(connection) == ["remedies_refund_changed"]
    assert triggers.check_guards(["default"])[0].id == "amends.E001"
    triggers.install(connection)
    assert triggers.missing(connection) == []


@pytest.mark.django_db
def test_approval_follows_amount_and_role() -> None:
    (small,) = propose([refund(minor=1000)], by="amends", now=NOW)
    approve([small.id], actor=system("desk"), now=NOW)
    large = Proposal(cause="complaint:b", kind="compensation", amount_minor=160_000, currency="CNY")
    (remedy,) = propose([large], by=MANAGER.ref, now=NOW)
    with pytest.raises(UnableToApprove, match="above your limit"):
        approve([remedy.id], actor=HANDLER, now=NOW)
    with pytest.raises(UnableToApprove, match="yourself"):
        approve([remedy.id], actor=MANAGER, now=NOW)
    approve([remedy.id], actor=Actor("user", "usr-other", ("manager",)), now=NOW)
    assert waiting() == []


@pytest.mark.django_db
def test_many_small_remedies_of_one_cause_count_together() -> None:
    items = [
        Proposal(
            cause="complaint:a",
            kind="refund",
            charge=f"c{n}",
            charge_minor=900,
            amount_minor=900,
            currency="CNY",
        )
        for n in range(23)
    ]
    remedies = propose(items, by="amends", now=NOW)
    with pytest.raises(UnableToApprove, match="above your limit"):
        approve([remedies[0].id], actor=HANDLER, now=NOW)


def granted() -> list[object]:
    return [fact.payload["remedy"] for fact in facts_about("person-1", kinds=["RemedyGranted"])]


@pytest.mark.django_db
def test_a_proposal_is_stated_as_granted_only_when_it_is_approved() -> None:
    first, second = propose(
        [refund(), refund(cause="launch:b", charge="chg-2")], by="amends", now=NOW
    )
    assert granted() == []
    approve([first.id], actor=HANDLER, now=NOW)
    (fact,) = facts_about("person-1", kinds=["RemedyGranted"])
    assert (fact.payload["complaint"], fact.payload["charge"]) == ("a", "chg-1")
    approve([second.id], actor=HANDLER, now=NOW)
    assert "complaint" not in facts_about("person-1", kinds=["RemedyGranted"])[-1].payload


@pytest.mark.django_db
def test_what_was_agreed_beforehand_is_granted_when_the_user_takes_it_up() -> None:
    (small,) = propose([replace(refund(), offered=True)], by="h", now=NOW)
    large = replace(refund("complaint:b", 30_000, "chg-2"), charge_minor=30_000, offered=True)
    (large_one,) = propose([large], by="h", now=NOW)
    with pytest.raises(UnableToApprove):
        approve([small.id], actor=MANAGER, now=NOW)
    both = ["complaint:a", "complaint:b"]
    agree(both, actor=HANDLER, now=NOW)
    assert (granted(), waiting()) == ([], [])
    take_up(both, now=NOW)
    assert granted() == [small.id]
    assert [one.id for one in waiting()] == [large_one.id], "above the limit of who agreed"


@pytest.mark.django_db
def test_what_is_turned_away_sets_its_charge_free_and_keeps_what_was_granted() -> None:
    (first,) = propose([refund()], by="h", now=NOW)
    approve([first.id], actor=HANDLER, now=NOW)
    propose([replace(refund("complaint:a", 400), offered=True, anew="d2")], by="h", now=NOW)
    turn_away(["complaint:a"], actor=HANDLER, reason="Not accepted.", now=NOW)
    assert set(Remedy.objects.values_list("state", flat=True)) == {"approved", "rejected"}
    assert ChargeBalance.objects.get().refunded_minor == 600


@pytest.mark.django_db
def test_a_remedy_is_done_when_billing_acknowledges() -> None:
    (remedy,) = propose([refund()], by="amends", now=NOW)
    approve([remedy.id], actor=HANDLER, now=NOW)
    assert unfinished(Value("complaint:a")).exists()
    assert not unfinished(Value("complaint:b")).exists()
    number, rows = export(now=NOW)
    assert [row.remedy for row in exported(number)] == [remedy.id]
    assert as_csv(rows).splitlines()[1].startswith(f"{remedy.id},complaint:a|refund|chg-1,refund")
    assert export(now=NOW) == ("", [])
    assert acknowledge([(remedy.id, "B-1")], now=NOW) == 1
    assert acknowledge([(remedy.id, "B-1")], now=NOW) == 0
    assert not unfinished(Value("complaint:a")).exists()
    (fact,) = facts_about("person-1", kinds=["RefundMade"])
    assert fact.payload["amount_minor"] == 600
    with pytest.raises(UnableToAcknowledge):
        acknowledge([("unknown", "B-2")], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_once_share_one_charge() -> None:
    refused: list[str] = []
    start = threading.Barrier(4)

    def ask(cause: str) -> None:
        start.wait()
        try:
            propose([refund(cause=cause, minor=500)], by="amends", now=NOW)
        except UnableToPropose:
            refused.append(cause)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(f"complaint:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    assert ChargeBalance.objects.get().refunded_minor == 1000


@pytest.mark.django_db(transaction=True)
def test_two_credits_approved_at_once_count_together() -> None:
    """190.00 each, of 200.00 that a handler pays alone: the second approval sees the first."""
    credits = propose(
        [
            Proposal(
                cause=f"complaint:{name}",
                kind="credit",
                subscriber="person-1",
                amount_minor=19_000,
                currency="CNY",
            )
            for name in "ab"
        ],
        by="amends",
        now=NOW,
    )
    start, refused = threading.Barrier(2), []

    def grant(remedy_id: str) -> None:
        start.wait()
        try:
            approve([remedy_id], actor=HANDLER, now=NOW)
        except UnableToApprove as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=grant, args=(credit.id,)) for credit in credits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Remedy.objects.filter(approved_by=HANDLER.ref).count() == 1
