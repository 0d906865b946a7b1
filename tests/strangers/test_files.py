"""Files of strangers, in invented words: read as meant without a mapping, or refused with why."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.utils import timezone

from amends.cases.complaints.models import Contact
from shell import amends

pytestmark = pytest.mark.django_db
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_stranger_s_file_is_read_as_meant(tmp_path: Path, case: dict[str, Any]) -> None:
    path = tmp_path / case["name"]
    write(path, case)
    rejects = ("--rejects", tmp_path / "rejects.csv")
    done = amends("import", "complaints", path, *rejects, *case.get("args", []), "--json")
    if pattern := case.get("refused"):
        assert done.code == 2, done.out
        assert re.search(pattern, done.err), done.err
        assert Contact.objects.count() == 0
        return
    assert done.code == 0, done.err
    assert done.document["accepted"] == case["rows"], done.document
    notes = done.document["notes"]
    for pattern in case.get("says", []):
        assert any(re.search(pattern, note) for note in notes), notes
    read = next((one for one in Contact.objects.all() if case["text"] in one.text), None)
    assert read is not None, [one.text for one in Contact.objects.all()]
    if first := case.get("first"):
        at = datetime.fromisoformat(first)
        if "T" in first:
            assert read.received_at == at
        else:
            assert timezone.localdate(read.received_at) == at.date()
    for name, expected in case.get("document", {}).items():
        assert done.document[name] == expected, done.document
    if days := case.get("days"):
        known = Contact.objects.order_by("text")
        assert [str(timezone.localdate(one.received_at)) for one in known] == days
    whole = "\n".join(one.text for one in Contact.objects.all())
    assert [words for words in case.get("without", []) if words in whole] == []
    assert [note for note in notes for words in case.get("silent", []) if words in note] == []
    if (area := case.get("area")) is not None:
        assert read.complaint.area == area
    if (person := case.get("person")) is not None:
        assert read.complaint.person_shown[:1] == person[:1]


def write(path: Path, case: dict[str, Any]) -> None:
    if "hex" in case:
        path.write_bytes(bytes.fromhex(case["hex"]))
    elif "sheet" in case:
        _workbook(path, case["sheet"], case.get("cover"))
    else:
        text = case["content"].removeprefix("\n")
        path.write_bytes(text.encode(case.get("encoding", "utf-8")))


def _workbook(path: Path, rows: list[list[Any]], cover: list[str] | None) -> None:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    if cover:
        book.add_worksheet().write_column(0, 0, cover)
    clock = book.add_format({"num_format": "hh:mm:ss"})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, time):
                sheet.write_datetime(at, place, cell, clock)
            elif isinstance(cell, date):
                sheet.write_datetime(at, place, cell)
            else:
                sheet.write(at, place, cell)
    book.close()


def test_classify_reads_the_text_that_import_reads(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "Case number,Opened,Subject,Description,Resolution\n"
        "C-1,2023-05-12,Bill,They charged me twice for May,We refunded the second payment\n"
    )
    done = amends("classify", path, "--out", tmp_path / "classes.csv", "--json")
    assert done.code == 0, done.err
    assert "Texts: column “Subject + Description”." in done.document["notes"]


def test_scan_reads_the_dates_that_import_reads(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    rows = [
        f"{day.day:02}-{day.month:02}-{day.year},{day:%d-%b-%y}"
        if day.day > 12
        else f"{day.month:02}-{day.day:02}-{day.year},{day:%d-%b-%y}"
        for day in (date.fromordinal(735_700 + n) for n in range(60))
        for _ in range(3)
    ]
    path.write_text("Date,Month\n" + "\n".join(rows) + "\n")
    done = amends(
        "hotissues", "scan", path, "--last", "7", "--alarms", tmp_path / "a.csv", "--json"
    )
    assert done.code == 0, done.err
    assert any("mixes both orders" in note for note in done.document["notes"])


def test_a_preview_shows_and_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "Case number,Opened,Subject,E-mail\n"
        "C-1,2023-05-12,Charged twice,ada@example.org\n"
        "C-2,,Cut off,jon@example.org\n"
    )
    done = amends("import", "complaints", path, "--preview", "--json")
    assert done.code == 0, done.err
    told = done.document
    assert (told["read"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert [one["text"] for one in told["first"]] == ["Charged twice"]
    assert "ada@example.org" not in done.out
    assert any("has no date" in note for note in told["notes"])
    assert Contact.objects.count() == 0
