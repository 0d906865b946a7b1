"""Exports within a budget that pieces add up to, with a mark that names their recipient."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from amends.causes.privacy.actions.appeal import decide_appeal, note_appeal
from amends.causes.privacy.actions.authority import UnableToActOnPrivacy
from amends.causes.privacy.actions.export_table import (
    UnableToAggregate,
    UnableToExportTable,
    aggregate,
    export_table,
    limits,
    used,
    whose,
)
from amends.causes.privacy.models import DataExport, MisuseCase
from amends.causes.privacy.queries.statistics import statistics
from amends.platform.kit.actors import Actor
from amends.platform.tabular.tables import read_table

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
OFFICER = Actor("user", "usr-officer", ("privacy_officer",))
MANAGER = Actor("user", "usr-manager", ("manager",))
COLUMNS = ["subscriber", "phone", "area", "opened_at"]
ROWS = [
    [f"sub-{n:05d}", f"139{n:08d}", f"area-{n % 3}", f"2026-11-{n % 28 + 1:02d} 08:00"]
    for n in range(600)
]


def exported(recipient: str, rows: list[list[str]] = ROWS, at: datetime = NOW) -> str:
    return export_table(
        COLUMNS, rows, recipient=recipient, purpose="study", actor=OFFICER, now=at
    ).text


def test_a_mark_survives_csv_xlsx_csv_and_names_its_recipient(tmp_path: Path) -> None:
    exported("Institute A")
    text = exported("Institute B")
    exported("Institute C")
    book = openpyxl.Workbook()
    for row in csv.reader(text.splitlines()):
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(tmp_path / "b.xlsx")
    table = read_table(tmp_path / "b.xlsx")
    with (tmp_path / "again.csv").open("w", newline="") as file:
        csv.writer(file).writerows([table.header, *table.rows])
    back = read_table(tmp_path / "again.csv").rows
    assert [row.handed_to for row, _found in whose(back)] == ["Institute B"]

    # sorted and halved: rows of nobody remain; these taken out: the order remains
    assert [row.handed_to for row, _ in whose(sorted(back)[::2])][:1] == ["Institute B"]
    real = {row[0] for row in ROWS}
    (order,) = whose([row for row in back if row[0] in real])
    assert (order[0].handed_to, order[1].marked) == ("Institute B", 0)
    assert whose(ROWS) == []


def test_pieces_add_up_to_the_budget_and_a_clock_set_back_frees_nothing() -> None:
    budget, _k = limits(NOW)
    piece = budget // 6 // 3 + 1
    rows = [ROWS[0]] * piece
    exported("A", rows)
    exported("A", rows, NOW + timedelta(hours=1))
    with pytest.raises(UnableToExportTable, match="left"):
        exported("A", rows, NOW - timedelta(hours=3))
    assert DataExport.objects.count() == 2
    assert used(OFFICER.ref, NOW + timedelta(hours=26)) == 0
    exported("A", rows, NOW + timedelta(hours=26))
    handler = Actor("user", "usr-h", ("handler",))
    with pytest.raises(UnableToActOnPrivacy):
        export_table(COLUMNS, ROWS, recipient="A", purpose="x", actor=handler, now=NOW)


def test_small_groups_are_not_told_nor_computable_from_the_total() -> None:
    rows = [["a"]] * 50 + [["b"]] * 4 + [["c"]] * 12
    groups, k = aggregate(["area"], rows, "area", now=NOW)
    assert k == 10
    assert groups == [("a", 50), ("b", None), ("c", None)]
    with pytest.raises(UnableToAggregate):
        aggregate(["area"], rows, "street", now=NOW)


def test_an_appeal_is_decided_by_somebody_else_and_counted() -> None:
    MisuseCase.objects.create(
        ref="mis-1",
        user="usr-x",
        opened_at=NOW,
        decision="warning",
        reason="r",
        decided_by=OFFICER.ref,
        decided_at=NOW + timedelta(days=2),
    )
    note_appeal("mis-1", "那是主管要求的", actor=OFFICER, now=NOW)
    with pytest.raises(UnableToActOnPrivacy, match="decided this case"):
        decide_appeal("mis-1", "upheld", reason="no", actor=OFFICER, now=NOW)
    case = decide_appeal("mis-1", "overturned", reason="主管已确认", actor=MANAGER, now=NOW)
    assert case.appeal_by == MANAGER.ref
    found = statistics(NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert (found.cases, found.appeals, found.overturned) == (1, 1, 1)
    assert found.median_days_to_decide == 2
