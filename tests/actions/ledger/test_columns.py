"""A kind and a period as columns: the same facts as asked for person by person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import append_segments
from amends.record.ledger.queries import columns_of, facts_about_many

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
START = NOW - timedelta(minutes=2_000)


def _charge(number: int) -> dict[str, str | int]:
    payload: dict[str, str | int] = {
        "charge": f"ch-{number}",
        "charge_kind": "overage",
        "offer": "plum-19",
        "amount_minor": number,
        "currency": "CNY",
    }
    return payload | ({"units": number} if number % 3 == 0 else {})


@pytest.mark.django_db
def test_columns_hold_what_is_found_person_by_person() -> None:
    numbers = range(3_000)
    columns = {
        "subscriber": [f"p-{number % 7}" for number in numbers],
        "subject": [f"svc-{number % 7}" for number in numbers],
        "happened_at_ms": [
            int((NOW - timedelta(minutes=number)).timestamp() * 1000) for number in numbers
        ],
        "units": [_charge(number).get("units") for number in numbers],
    }
    for name in ("charge", "charge_kind", "offer", "amount_minor", "currency"):
        columns[name] = [_charge(number)[name] for number in numbers]
    alone = [
        Fact(
            "ChargeMade",
            "p-1",
            "svc-1",
            NOW - timedelta(minutes=30 * number),
            "billing",
            _charge(number + 5_000),
        )
        for number in range(100)
    ]
    other = Fact("ServiceStopped", "p-1", "svc-1", NOW, "crm", {"initiator": "subscriber"})
    with transaction.atomic():
        append_segments("ChargeMade", columns, source="billing", now=NOW)
        append([*alone, other], now=NOW)

    table = columns_of("ChargeMade", start=START, end=NOW)
    people = [f"p-{number}" for number in range(7)]
    found = facts_about_many(people, kinds=["ChargeMade"], start=START, end=NOW)
    expected = sorted(
        (fact for facts in found.values() for fact in facts),
        key=lambda fact: (fact.happened_at_ms, fact.id),
    )
    assert len(expected) == 2_000 + 66
    assert table["id"].to_pylist() == [fact.id for fact in expected]
    for row, fact in zip(table.to_pylist(), expected, strict=True):
        payload = {name: row[name] for name in fact.payload}
        assert payload == dict(fact.payload)
        assert (row["subscriber"], row["subject"], row["source"], row["recorded_at_ms"]) == (
            fact.subscriber,
            fact.subject,
            fact.source,
            fact.recorded_at_ms,
        )
        assert row["units"] == fact.payload.get("units")
    some = columns_of("ChargeMade", start=START, end=NOW, fields=("subscriber", "units"))
    wanted = ["id", "subscriber", "happened_at_ms", "units"]
    assert set(some.column_names) == set(wanted)
    assert some.select(wanted) == table.select(wanted)
    bare = columns_of("ChargeMade", start=START, end=NOW, fields=())
    assert bare["id"] == table["id"]
    for fields in (None, ("units",)):
        two = columns_of("ChargeMade", start=START, end=NOW, fields=fields, among=["p-1", "p-5"])
        theirs = [row for row in table.to_pylist() if row["subscriber"] in {"p-1", "p-5"}]
        assert two["id"].to_pylist() == [row["id"] for row in theirs]
        assert two["units"].to_pylist() == [row["units"] for row in theirs]
        assert "subscriber" in two.column_names or fields
    assert columns_of("ChargeMade", end=NOW, among=[]).num_rows == 0


@pytest.mark.django_db
def test_nothing_on_record_is_an_empty_table_with_its_columns() -> None:
    table = columns_of("NoticeDue", start=START, end=NOW)
    assert table.num_rows == 0
    assert {"key", "duty", "due_at_ms", "threshold_minor"} <= set(table.column_names)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "alone"),
    [
        ((0, 1, 2), (3, 4), (5,)),
        ((0, 2, 4), (1, 3), (2,)),
        ((1, 1, 1), (1, 1), (1,)),
        ((3,), (), (0,)),
    ],
    ids=["as it came", "between one another", "at one moment", "late"],
)
def test_rows_come_in_order_of_happening_then_of_id(
    first: tuple[int, ...], second: tuple[int, ...], alone: tuple[int, ...]
) -> None:
    with transaction.atomic():
        for minutes in filter(None, (first, second)):
            moments = [int((START + timedelta(minutes=one)).timestamp() * 1000) for one in minutes]
            rows = [_charge(3) for _ in minutes]
            columns = {name: [row[name] for row in rows] for name in rows[0]}
            people = {"subscriber": ["p"] * len(rows), "subject": ["s"] * len(rows)}
            append_segments(
                "ChargeMade", people | columns | {"happened_at_ms": moments}, source="b", now=NOW
            )
        append(
            [
                Fact("ChargeMade", "p", "s", START + timedelta(minutes=one), "b", _charge(3))
                for one in alone
            ],
            now=NOW,
        )
    found = columns_of("ChargeMade", end=NOW).select(["happened_at_ms", "id"]).to_pylist()
    rows = [(row["happened_at_ms"], row["id"]) for row in found]
    assert rows == sorted(rows)
    assert len(rows) == len(first) + len(second) + len(alone)
