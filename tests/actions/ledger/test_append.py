"""Appending: inside a transaction, whole or not at all, and never changed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import checks, mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from amends.platform.kit.periods import to_ms
from amends.record.facts.canonical import fact_bytes, leaf_hash
from amends.record.facts.fact import Fact, UnableToState
from amends.record.ledger import triggers
from amends.record.ledger.actions.append import UnableToAppend, append
from amends.record.ledger.models import SingleFact
from amends.record.ledger.queries import coverage, facts_about, facts_about_many, facts_on

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def stopped(subscriber: str = "p-ada", subject: str = "svc-1", **changes: object) -> Fact:
    given = {"happened_at": NOW - timedelta(hours=1), "source": "crm", **changes}
    return Fact("ServiceStopped", subscriber, subject, payload={"initiator": "system"}, **given)


def covered(kinds: str, days: tuple[int, int], *, complete: int = 1, scope: str = "all") -> Fact:
    start, end = (to_ms(NOW + timedelta(days=day)) for day in days)
    stated = {
        "kinds": kinds,
        "scope": scope,
        "from_ms": start,
        "to_ms": end,
        "complete": complete,
    }
    return Fact("SourceCovered", "", "crm", NOW, "crm", stated)


def record(*facts: Fact, now: datetime = NOW) -> None:
    with transaction.atomic():
        append(facts, now=now)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    with pytest.raises(UnableToAppend, match="inside a transaction"):
        append([stopped()], now=NOW)
    assert not SingleFact.objects.exists()


@pytest.mark.django_db
def test_a_fact_is_read_back_as_it_was_stated():
    fact = stopped(subject="svc-é\U0001f600")
    record(fact)
    (found,) = facts_about("p-ada")
    assert (found.kind, found.payload, found.subject) == (fact.kind, fact.payload, fact.subject)
    assert (found.happened_at, found.recorded_at) == (fact.happened_at, NOW)
    assert found.leaf_hash == leaf_hash(fact_bytes(fact, recorded_at_ms=to_ms(NOW)))
    assert (found.seq, found.segment) == (None, "")


@pytest.mark.django_db
def test_facts_come_in_order_of_happening_and_within_the_period():
    record(*(stopped(happened_at=NOW - timedelta(hours=h)) for h in (1, 5, 3, 2, 4)))
    found = facts_about("p-ada", start=NOW - timedelta(hours=4), end=NOW - timedelta(hours=1))
    assert [(NOW - fact.happened_at).seconds // 3600 for fact in found] == [4, 3, 2]


@pytest.mark.django_db
def test_facts_are_found_by_kind_by_subject_and_for_many():
    other = Fact(
        "ServiceOrdered",
        "p-bob",
        "svc-2",
        NOW,
        "crm",
        {
            "order": "o1",
            "offer": "plum",
            "channel": "app",
            "initiator": "subscriber",
        },
    )
    record(stopped(), other)
    assert [fact.kind for fact in facts_on(["svc-1", "svc-2"])] == [
        "ServiceStopped",
        "ServiceOrdered",
    ]
    assert facts_on("svc-1", kinds=["ServiceOrdered"]) == []
    many = facts_about_many(["p-ada", "p-bob", "p-eve", ""])
    assert {name: len(facts) for name, facts in many.items()} == {
        "p-ada": 1,
        "p-bob": 1,
        "p-eve": 0,
        "": 0,
    }


@pytest.mark.django_db
def test_more_subscribers_than_one_statement_takes():
    record(*(stopped(f"p-{number}") for number in range(1200)))
    many = facts_about_many(f"p-{number}" for number in range(1200))
    assert all(len(facts) == 1 for facts in many.values())


@pytest.mark.django_db(transaction=True)
def test_an_id_on_record_refuses_the_whole_batch_and_loses_the_transaction():
    first = stopped()
    record(first)
    with transaction.atomic():
        with pytest.raises(UnableToAppend, match="already on record"):
            append([stopped("p-new"), first], now=NOW)
        with pytest.raises(transaction.TransactionManagementError):
            SingleFact.objects.count()
    assert SingleFact.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": "svc\x00"}, "NUL"),
        ({"subject": "s" * 121}, "longer than 120"),
        ({"subscriber": "s" * 65}, "longer than 64"),
        ({"source": "s" * 41}, "longer than 40"),
        ({"subject": "\ud800"}, "not Unicode"),
        ({"id": "A" * 32}, "not an id"),
        ({"id": "0" * 31}, "not an id"),
    ],
)
def test_text_one_of_the_databases_cannot_hold_is_refused_on_both(changes, words):
    with pytest.raises(UnableToState, match=words):
        record(stopped(**changes))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_fact SET canonical = canonical",
        "UPDATE ledger_fact SET happened_at_ms = 1",
        "UPDATE ledger_fact SET leaf_hash = leaf_hash, seq = 5",
        "UPDATE ledger_fact SET seq = NULL",
        "DELETE FROM ledger_fact",
        "INSERT INTO ledger_fact SELECT * FROM ledger_fact",
    ],
)
def test_the_database_refuses_to_change_what_is_on_record(change):
    record(stopped())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert len(facts_about("p-ada")) == 1


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_replacing_a_row_is_refused_too():
    record(stopped())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO ledger_fact SELECT * FROM ledger_fact")


@pytest.mark.django_db
def test_a_number_is_given_once():
    record(stopped())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_fact SET seq = 0")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("UPDATE ledger_fact SET seq = 1")


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_gets_its_triggers_back_and_the_check_names_lost_ones():
    assert triggers.missing(connection) == []
    triggers.lift(connection)
    found = checks.run_checks(tags=["database"], databases=["default"])
    assert any(one.id == "ledger.E001" and "ledger_fact_keeps_delete" in one.msg for one in found)
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


@pytest.mark.django_db
def test_a_ledger_is_not_flushed_outside_tests(monkeypatch):
    monkeypatch.delattr(mail, "outbox")
    with pytest.raises(CommandError, match="cannot be emptied"):
        call_command("flush", interactive=False)


@pytest.mark.django_db
def test_coverage_is_stated_by_facts():
    record(covered("ServiceOrdered, ServiceStopped", (-10, 0)))
    record(
        covered("ServiceOrdered", (-5, -4), complete=0, scope="area:north"),
        now=NOW + timedelta(minutes=1),
    )
    asked = {"start": NOW - timedelta(days=10), "end": NOW}
    kinds = ["ServiceOrdered", "ServiceStopped", "ChargeMade"]
    in_north = coverage(kinds, scope={"area:north", "brand:plum"}, **asked)
    assert [one.complete for one in in_north] == [False, True, False]
    gap = (NOW - timedelta(days=5), NOW - timedelta(days=4))
    assert in_north[0].gap_periods == (gap,)
    assert in_north[2].gap_periods == ((NOW - timedelta(days=10), NOW),)
    assert coverage(["ServiceOrdered"], scope="area:south", **asked)[0].complete
    assert not coverage(["ServiceOrdered"], scope="all", **asked)[0].complete
