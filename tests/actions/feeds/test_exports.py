"""Exports of tables: CSV and Parquet, complete, by number, without personal data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from django.db import transaction

from amends.entrances.feeds.exports.tables import TABLES
from amends.entrances.feeds.exports.write import UnableToExport, write_export
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import append_rows
from amends.record.ledger.actions.sequence import sequence

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


def receive(*complaints: str) -> None:
    payload = {"channel": "web", "code": "billing.vas", "pack": "cn", "contact": "m-1"}
    with transaction.atomic():
        append(
            [
                Fact("ComplaintReceived", "p1", one, NOW, "desk", {"complaint": one, **payload})
                for one in complaints
            ],
            now=NOW,
        )
    sequence(now=NOW, holder="test")


def test_each_row_is_exported_once_by_number(tmp_path: Path) -> None:
    receive("c1", "c2")
    first = write_export("complaints", tmp_path / "one.parquet")
    receive("c3")
    second = write_export("complaints", tmp_path / "two.csv", after=first.next)
    assert (first.rows, second.rows) == (2, 1)
    table = pq.read_table(tmp_path / "one.parquet")
    assert table["complaint"].to_pylist() == ["c1", "c2"]
    assert table.schema.metadata[b"amends.version"] == b"1"
    rows = pa_csv.read_csv(tmp_path / "two.csv").to_pylist()
    assert [(row["complaint"], row["code"]) for row in rows] == [("c3", "billing.vas")]
    assert rows[0]["happened_at_ms"] == int(NOW.timestamp() * 1_000)
    assert "m-1" not in (tmp_path / "two.csv").read_text()
    third = write_export("complaints", tmp_path / "three.csv", after=second.next)
    assert (third.rows, third.next) == (0, second.next)


def test_rows_of_segments_are_exported(tmp_path: Path) -> None:
    count = 2_500
    columns = {
        "subscriber": ["p1"] * count,
        "subject": ["svc"] * count,
        "happened_at_ms": list(range(count)),
        "duty": ["roaming.cap"] * count,
        "key": [f"k{n}" for n in range(count)],
        "channel": ["sms"] * count,
    }
    with transaction.atomic():
        append_rows("NoticeSent", columns, source="notices", now=NOW)
    sequence(now=NOW, holder="test")
    written = write_export("notices", tmp_path / "notices.parquet")
    table = pq.read_table(tmp_path / "notices.parquet")
    assert written.rows == count
    assert len(set(table["fact"].to_pylist())) == count
    assert table["happened_at_ms"].to_pylist() == list(range(count))
    assert {"subscriber", "subject", "key"}.isdisjoint(table.column_names)


@pytest.mark.parametrize(
    ("name", "file", "after"),
    [("people", "a.csv", -1), ("complaints", "a.txt", -1), ("complaints", "a.csv", 99)],
)
def test_what_cannot_be_exported_is_refused(
    tmp_path: Path, name: str, file: str, after: int
) -> None:
    with pytest.raises(UnableToExport):
        write_export(name, tmp_path / file, after=after)
    with pytest.raises(UnableToExport):
        write_export("complaints", tmp_path / "missing" / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_tables_have_fields_of_their_kinds() -> None:
    never = {"contact", "by", "reason", "why", "subscriber", "subject", "key", "message"}
    for table in TABLES.values():
        assert not never & set(table.fields)
        assert all(table.field_type(field) in (str, int) for field in table.fields)
