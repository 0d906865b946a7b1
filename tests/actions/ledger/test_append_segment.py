"""Facts in segments come out like facts that stand alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact, UnableToState
from amends.record.ledger.actions.append import UnableToAppend, append
from amends.record.ledger.actions.append_segment import (
    append_rows,
    append_sealed,
    append_segment,
    append_segments,
    seal_segment,
)
from amends.record.ledger.models import Segment, SegmentIndex, SingleFact
from amends.record.ledger.queries import facts_about, facts_about_many, facts_on

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def charges(count: int, *, subscribers: int = 50, first: int = 0) -> dict[str, list[object]]:
    numbers = range(first, first + count)
    return {
        "subscriber": [f"p-{number % subscribers}" for number in numbers],
        "subject": [f"svc-{number % subscribers}" for number in numbers],
        "happened_at_ms": [to_ms(NOW) - 60_000 * number for number in numbers],
        "charge": [f"ch-{number}" for number in numbers],
        "charge_kind": ["monthly_fee"] * count,
        "offer": ["plum-19"] * count,
        "amount_minor": [1900 + number for number in numbers],
        "currency": ["CNY"] * count,
        "units": [number if number % 3 == 0 else None for number in numbers],
    }


def record(columns: dict[str, list[object]], kind: str = "ChargeMade") -> str:
    with transaction.atomic():
        return append_segment(kind, columns, source="billing", now=NOW)


@pytest.mark.django_db
def test_a_row_comes_out_like_a_single_fact():
    segment = record(charges(200))
    (row, *_) = facts_about("p-7", start=NOW - timedelta(minutes=8), end=NOW)
    alone = Fact(
        row.kind, row.subscriber, row.subject, row.happened_at, row.source, row.payload, id="f" * 32
    )
    with transaction.atomic():
        append([alone], now=NOW)
    single = next(fact for fact in facts_about("p-7") if fact.id == "f" * 32)
    assert (row.segment, row.row, row.id) == (segment, 7, f"{segment}00007")
    placed = replace(single, id=row.id, leaf_hash=row.leaf_hash, segment=row.segment, row=row.row)
    assert placed == row
    assert row.payload == {
        "charge": "ch-7",
        "charge_kind": "monthly_fee",
        "offer": "plum-19",
        "amount_minor": 1907,
        "currency": "CNY",
    }


@pytest.mark.django_db
def test_rows_are_found_by_subscriber_subject_kind_and_period():
    record(charges(100))
    record(charges(100, first=100))
    notices = {
        "subscriber": ["p-3"],
        "subject": ["svc-3"],
        "happened_at_ms": [to_ms(NOW)],
        "duty": ["cn.roaming_cap"],
        "key": ["k1"],
        "channel": ["sms"],
    }
    record(notices, "NoticeSent")
    assert [fact.payload["charge"] for fact in facts_about("p-3", kinds=["ChargeMade"])] == [
        "ch-153",
        "ch-103",
        "ch-53",
        "ch-3",
    ]
    assert len(facts_on("svc-3")) == 5
    start, end = NOW - timedelta(minutes=103), NOW - timedelta(minutes=3)
    assert [fact.payload["charge"] for fact in facts_about("p-3", start=start, end=end)] == [
        "ch-103",
        "ch-53",
    ]
    assert facts_about("p-nobody") == facts_on("svc-3", kinds=["SpeedMeasured"]) == []
    many = facts_about_many([f"p-{number}" for number in range(50)], kinds=["ChargeMade"])
    assert {len(facts) for facts in many.values()} == {4}


@pytest.mark.django_db
def test_a_chance_hit_in_the_index_gives_nobody_else_s_facts():
    segment = record(charges(60))
    SegmentIndex.objects.filter(segment_id=segment).update(
        block=SegmentIndex.objects.filter(segment_id=segment).first().block
    )
    assert {fact.subscriber for fact in facts_about_many(["p-1", "p-2"])["p-1"]} <= {"p-1"}


@pytest.mark.django_db
def test_any_number_of_rows_makes_as_many_segments_as_needed():
    with transaction.atomic():
        made = append_segments(
            "ChargeMade", charges(20_001, subscribers=20_001), source="billing", now=NOW
        )
    assert [Segment.objects.get(id=one).rows for one in made] == [10_000, 10_000, 1]
    assert facts_about("p-20000")[0].row == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("rows", "segments"), [(1, 0), (63, 0), (64, 1), (10_001, 2)])
def test_a_few_rows_stand_alone_and_many_in_segments(rows, segments):
    columns = {
        "subscriber": [f"p{number}" for number in range(rows)],
        "subject": [f"svc-{number}" for number in range(rows)],
        "happened_at_ms": list(range(rows)),
        "initiator": ["user"] * rows,
    }
    with transaction.atomic():
        append_rows("ServiceStopped", columns, source="crm", now=NOW)
    assert Segment.objects.count() == segments
    assert SingleFact.objects.count() == (0 if segments else rows)
    (last,) = facts_about(f"p{rows - 1}")
    assert (last.subject, last.happened_at_ms) == (f"svc-{rows - 1}", rows - 1)
    assert last.payload == {"initiator": "user"}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    with pytest.raises(UnableToAppend):
        append_segment("ChargeMade", charges(3), source="billing", now=NOW)
    sealed = seal_segment("ChargeMade", charges(3), source="billing", now=NOW)
    with pytest.raises(UnableToAppend):
        append_sealed(sealed)
    assert not Segment.objects.exists()
    with transaction.atomic():
        append_sealed(sealed)
        transaction.set_rollback(True)
    assert not Segment.objects.exists()
    assert not SegmentIndex.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["", "s" * 41, "a\x00"])
def test_a_source_has_a_name(source):
    with pytest.raises(UnableToState, match="1 to 40"):
        append_segment("ChargeMade", charges(1), source=source, now=NOW)


@pytest.mark.django_db
def test_statements_of_coverage_stand_alone():
    stated = {
        "subscriber": [""],
        "subject": ["crm"],
        "happened_at_ms": [1],
        "kinds": ["ChargeMade"],
        "scope": ["all"],
        "from_ms": [0],
        "to_ms": [1],
        "complete": [1],
    }
    with pytest.raises(UnableToState, match="single facts"):
        record(stated, "SourceCovered")
    with pytest.raises(UnableToState, match="do not make a table"):
        append_segments("ChargeMade", {"a": [1], "b": [1, 2]}, source="crm", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_segment_part SET columns = columns",
        "DELETE FROM ledger_segment_part",
        "UPDATE ledger_segment SET chunks = chunks",
        "DELETE FROM ledger_segment",
        "UPDATE ledger_segment SET seq = NULL",
    ],
)
def test_the_database_refuses_to_change_a_segment(change):
    record(charges(3))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_no_search_reads_a_whole_table():
    record(charges(60))
    plans = []

    def explained(execute, statement, values, many, context):
        if statement.startswith("SELECT"):
            explain = "EXPLAIN QUERY PLAN " + statement.replace("%s", "?")
            plans.extend(row[3] for row in connection.connection.execute(explain, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explained):
        facts_about("p-3", kinds=["ChargeMade"], start=NOW - timedelta(days=9), end=NOW)
        facts_on(["svc-1", "svc-2"])
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")], plans
