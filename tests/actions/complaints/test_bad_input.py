"""Bad input, end to end: refused in a sentence or taken safely; counts add up, nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.clock import MORNING, begin_at

from amends.cases.complaints.models import Complaint, Contact
from amends.entrances.portals.actions.clients import make_client
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.entrances.portals.models import Draft
from amends.record.ledger.models import SingleFact
from at_rest import everything_that_opens
from shell import Done, amends

pytestmark = pytest.mark.django_db
NOW = MORNING
HEADER = "编号,投诉内容,投诉时间,办结时间,姓名,手机号,邮箱,地区\n"
GOOD = "T1,每月多扣我十块钱,2026-05-01 10:00,,林小满,13900000001,lin@example.org,北城\n"
OTHER = "T2,网速太慢了看不了视频,2026-05-02 11:00,2026-05-09,丁一,13900000002,,南城\n"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def imported(path: Path, *options: str) -> Done:
    rejects = path.with_name("rejects.csv")
    return amends("import", "complaints", path, "--rejects", rejects, "--json", *options)


def counts(done: Done) -> tuple[int, int, int, int]:
    """What the report says, checked against what is stored."""
    assert done.code == 0, done.err
    report = done.document
    read, accepted = report["read"], report["accepted"]
    duplicates, rejected = report["duplicates"], report["rejected"]
    assert read == accepted + duplicates + rejected, report
    assert Contact.objects.count() == accepted, "what is accepted is stored, once"
    if rejected:
        lines = Path(report["rejects_file"]).read_text("utf-8-sig").splitlines()
        assert len(lines) >= rejected + 1
        assert Path(report["rejects_file"]).stat().st_mode & 0o777 == 0o600
    return read, accepted, duplicates, rejected


def counts_of(done: Done) -> tuple[int, int, int, int]:
    """What the report says, where more than one file was brought in."""
    assert done.code == 0, done.err
    read, accepted, duplicates, rejected = (
        done.document[name] for name in ("read", "accepted", "duplicates", "rejected")
    )
    assert read == accepted + duplicates + rejected, done.document
    return read, accepted, duplicates, rejected


def csv_of(*rows: str) -> bytes:
    return (HEADER + "".join(rows)).encode()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes((HEADER + GOOD + OTHER).encode(encoding))
    assert counts(imported(path)) == (2, 2, 0, 0)
    assert Contact.objects.filter(text="网速太慢了看不了视频").count() == 1


FAULTS: dict[str, tuple[str, str]] = {
    "fewer cells": ("T9,少一格\n", "has a cell count of"),
    "more cells": (OTHER.replace("\n", ",多,一些\n"), "has a cell count of"),
    "no words": ("T9,,2026-05-01,,,,,\n", "has no text"),
    "only blanks": ("T9,　 ,2026-05-01,,,,,\n", "has no text"),
    "too many words": (f"T9,{'长' * 20_001},2026-05-01,,,,,\n", "more than 20,000 characters"),
    "ten megabytes": (f"T9,{'x' * 10_000_000},2026-05-01,,,,,\n", "more than 1,000,000 characters"),
    "no date": ("T9,扣费不对,,,,,,\n", "has no date"),
    "a date that is none": ("T9,扣费不对,上周某天,,,,,\n", "is not a date"),
    "a date that counts from another day": ("T9,扣费不对,昨天,,,,,\n", "counts from a day"),
    "a day that is none": ("T9,扣费不对,2026-02-30,,,,,\n", "not a day of the calendar"),
    "the far future": ("T9,扣费不对,2099-01-01,,,,,\n", "lies in the future"),
    "the far past": ("T9,扣费不对,1899-12-30,,,,,\n", "before 1990"),
    "the last second": ("T9,扣费不对,9999-12-31T23:59:59Z,,,,,\n", "lies in the future"),
    "beyond the last": ("T9,扣费不对,9999-12-31T23:59:59-14:00,,,,,\n", "not a day of the"),
    "the first second": ("T9,扣费不对,0001-01-01T00:00:00Z,,,,,\n", "before 1990"),
    "before the first": ("T9,扣费不对,0001-01-01T00:00:00+14:00,,,,,\n", "not a day of the"),
    "a year of five digits": ("T9,扣费不对,10000-01-01T00:00:00Z,,,,,\n", "is not a date"),
    "a leap second": ("T9,扣费不对,2016-12-31T23:59:60Z,,,,,\n", "is not a date"),
    "closed in the last second": (
        "T9,扣费不对,2026-05-09,9999-12-31T23:59:59Z,,,,\n",
        "lies in the future",
    ),
    "closed before filed": ("T9,扣费不对,2026-05-09,2026-05-01,,,,\n", "before it was received"),
    "closed in the future": ("T9,扣费不对,2026-05-09,2099-05-01,,,,\n", "lies in the future"),
}


@pytest.mark.parametrize("name", list(FAULTS))
@pytest.mark.parametrize("live", [False, True])
def test_a_bad_row_is_set_aside_with_its_reason(tmp_path: Path, name: str, live: bool) -> None:
    row, reason = FAULTS[name]
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(GOOD, row, OTHER))
    done = imported(path, *(["--live"] if live else []))
    assert counts(done) == (3, 2, 0, 1)
    text = Path(done.document["rejects_file"]).read_text("utf-8-sig")
    line, said = list(csv.reader(io.StringIO(text)))[1][:2]
    assert line == "3", "the reject leads back to its line"
    assert reason in said


SAFE: dict[str, str] = {
    "formula": "=cmd|' /C calc'!A0",
    "script": HOSTILE,
    "nul": "扣费\x00不对",
    "right to left": "\u202e对不费扣",
    "isolate": "\u2067扣费\u2069不对",
    "emoji": "😡👨‍👩‍👧‍👦 又扣费",
    "quotes": "他说\u201c免费\u201d，又扣'5元'",
    "sql": "扣费'); DROP TABLE complaints_complaint;--",
    "template": "{{ settings.SECRET_KEY }}{% load x %}扣费",
    "percent": "%s %(count)d %n 扣费",
    "control": "扣费\x07\x1b[31m不对",
    "combining": "扣费" + "\u0301" * 300,
    "half width": "ｶﾞ扣费　不对",
}


@pytest.mark.parametrize("name", list(SAFE))
def test_strange_text_in_every_field_is_taken_safely(tmp_path: Path, name: str) -> None:
    """It is stored in every field a file has, shown nowhere as anything but text, and exact below."""
    text = SAFE[name]
    quoted = '"' + text.replace('"', '""') + '"'
    path = tmp_path / "rows.csv"
    cells = [quoted, f'"每月多扣钱 {text}"', "2026-05-01", "", quoted, quoted, quoted, quoted]
    path.write_text(HEADER + ",".join(cells) + "\n", encoding="utf-8", newline="")
    assert counts(imported(path, "--live")) == (1, 1, 0, 0)
    complaint = Complaint.objects.get()
    for value in vars(complaint).values():
        assert not isinstance(value, str) or "\x00" not in value
        assert not isinstance(value, str) or "\u202e" not in value
    originals = [text for place, text in everything_that_opens() if place.endswith("t.original")]
    assert originals == [f"每月多扣钱 {text}"], "the words as they came are not lost"


def test_formulas_leave_neutral(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(GOOD, "=1+1,@SUM(A1),+昨天,,-2+3,,,\n"))
    done = imported(path)
    assert counts(done) == (2, 1, 0, 1)
    row = Path(done.document["rejects_file"]).read_text("utf-8-sig").splitlines()[1]
    assert "'=1+1" in row
    assert "'@SUM(A1)" in row
    assert "'+昨天" in row


@pytest.mark.parametrize("json", [True, False])
def test_a_file_without_one_usable_row_never_ends_well(tmp_path: Path, json: bool) -> None:
    path = tmp_path / "rows.csv"
    rows = [GOOD.replace("T1", f"T{n}").replace("2026-05-01", "2026-02-30") for n in range(3)]
    path.write_bytes(csv_of(*rows))
    options = ["--rejects", str(tmp_path / "rejects.csv"), *(["--json"] if json else [])]
    done = amends("import", "complaints", str(path), *options)
    assert done.code == 2
    assert done.err.count("2026-02-30") == 1, "the reason once"
    assert "3 of 3" in done.err
    assert "--date-order" in done.err
    if json:
        assert done.document["rejected"] == 3
        assert done.document["error"] == "no_row_usable"


def test_masking_leaves_the_form_of_a_date(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    odd = "Wed Oct 11 06:55:44 CST 2017 13912345678"
    path.write_bytes(csv_of(GOOD, f"T9,扣费不对,{odd},,,,,\n"))
    done = imported(path)
    assert counts(done) == (2, 1, 0, 1)
    text = Path(done.document["rejects_file"]).read_text("utf-8-sig")
    assert text.count("Wed Oct ## ##:##:## CST #### ###########") == 2, "in reason and cell"


def test_no_rejects_are_written_over_the_file_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(GOOD, FAULTS["no date"][0]))
    done = amends("import", "complaints", path, "--rejects", path)
    assert done.code == 2
    assert path.read_bytes() == csv_of(GOOD, FAULTS["no date"][0])


def test_one_id_with_other_words_is_set_aside_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    changed = GOOD.replace("十块钱", "二十块钱")
    path.write_bytes(csv_of(GOOD, GOOD, OTHER, changed))
    done = imported(path)
    assert counts(done) == (4, 2, 1, 1)
    refused = Path(done.document["rejects_file"]).read_text("utf-8-sig").splitlines()[1]
    assert refused.startswith("5,")
    assert "has the id of line 2 and other content" in refused
    again = imported(path)
    assert (again.document["accepted"], again.document["duplicates"]) == (0, 3)
    assert Complaint.objects.count() == 2


def test_a_renamed_file_is_asked_about_and_never_doubled(tmp_path: Path) -> None:
    first, renamed = tmp_path / "tickets.csv", tmp_path / "tickets-final.csv"
    for path in (first, renamed):
        path.write_bytes(csv_of(GOOD, OTHER))
    assert counts(imported(first)) == (2, 2, 0, 0)
    asked = imported(renamed)
    assert asked.code == 2
    assert "imported as “tickets”: 2 of 2 ids" in asked.err
    assert "--source 'tickets'" in asked.err
    assert Complaint.objects.count() == 2
    same = imported(renamed, "--source", "tickets").document
    assert (same["accepted"], same["duplicates"]) == (0, 2)
    assert any("Source: tickets (as you named it)" in note for note in same["notes"])
    assert counts_of(imported(renamed, "--source", "billing desk")) == (2, 2, 0, 0)
    assert Complaint.objects.count() == 4


def test_a_file_with_one_id_in_common_is_another_file(tmp_path: Path) -> None:
    first, other = tmp_path / "north.csv", tmp_path / "south.csv"
    first.write_bytes(csv_of(GOOD))
    other.write_bytes(csv_of(GOOD, OTHER))
    assert counts_of(imported(first)) == (1, 1, 0, 0)
    done = imported(other)
    assert counts_of(done) == (2, 2, 0, 0)
    assert any("Source: south (the name of the file)" in note for note in done.document["notes"])


def test_a_column_says_what_is_urgent(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = "编号,投诉内容,投诉时间,紧急\nT1,宽带全断了,2026-05-01 10:00,是\nT2,多扣了钱,2026-05-01,否\n"
    path.write_text(rows, encoding="utf-8")
    assert counts_of(imported(path)) == (2, 2, 0, 0)
    found = dict(Complaint.objects.values_list("original_id", "urgent"))
    assert found == {"T1": True, "T2": False}


def test_rows_without_ids_are_known_again_under_any_name(tmp_path: Path) -> None:
    first, renamed = tmp_path / "calls.csv", tmp_path / "calls-2.csv"
    for path in (first, renamed):
        path.write_text("投诉内容,投诉时间\n每月多扣我十块钱,2026-05-01 10:00\n", encoding="utf-8")
    done = imported(first)
    assert counts_of(done) == (1, 1, 0, 0)
    assert any("No column of ids" in note for note in done.document["notes"])
    assert counts_of(imported(renamed)) == (1, 0, 1, 0)


def test_other_readings_of_dates_say_what_is_on_record(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(GOOD.replace("2026-05-01 10:00", "01/05/2026 10:00")))
    first = imported(path, "--date-order", "dmy")
    assert counts_of(first) == (1, 1, 0, 0)
    assert not any("another time on record" in note for note in first.document["notes"])
    again = imported(path, "--date-order", "dmy").document
    assert not any("another time on record" in note for note in again["notes"])
    moved = imported(path, "--date-order", "mdy").document
    assert (moved["accepted"], moved["duplicates"]) == (0, 1)
    assert any("1 row known already has another time on record" in one for one in moved["notes"])
    assert Complaint.objects.get().received_at.month == 5


def test_ids_longer_than_any_column_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    long = "T" * 300
    rows = [GOOD.replace("T1", f"{long}{n}") for n in range(3)]
    path.write_bytes(csv_of(*rows, GOOD.replace("lin@example.org", f"a@{'x' * 200}.example")))
    assert counts(imported(path)) == (4, 4, 0, 0)
    assert Complaint.objects.values("original_id").distinct().count() == 4


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _blank(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf \n\n")


def _header_only(path: Path) -> None:
    path.write_bytes(csv_of())


def _no_text_column(path: Path) -> None:
    path.write_text("a,b\n1,2\n", encoding="utf-8")


def _twice(path: Path) -> None:
    path.write_text("投诉内容,投诉内容\n扣费,扣费\n", encoding="utf-8")


def _noise(path: Path) -> None:
    path.write_bytes(bytes(range(128, 256)) * 50 + b"\xff")


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * 60_000_000)


def _huge_sheet(path: Path) -> None:
    cells = b'<sheetData><row><c r="A1"/></row><row><c r="XFD1048576"/></row></sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", cells)


def _broken_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 200)


def _broken_parquet(path: Path) -> None:
    path.write_bytes(b"PAR1" + b"\x00" * 200)


def _json_of_nothing(path: Path) -> None:
    path.write_bytes(b'{not json}\n{"a":')


USELESS: list[Callable[[Path], None]] = [
    _empty,
    _blank,
    _header_only,
    _no_text_column,
    _twice,
    _noise,
    _bomb,
    _huge_sheet,
    _broken_zip,
    _broken_parquet,
    _json_of_nothing,
]


@pytest.mark.parametrize("make", USELESS, ids=lambda make: make.__name__.strip("_"))
def test_a_useless_file_is_refused_whole(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "rows.dat"
    make(path)
    done = imported(path)
    assert done.code == 2, (done.out, done.err)
    assert done.out == "", "a refusal is no document"
    assert "Traceback" not in done.err
    assert len(done.err.strip()) > 20
    assert Contact.objects.count() == 0


def test_a_file_without_a_header_tells_nobodys_data(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("13912345678,11010519491231002X\n13912345679,x\n", encoding="utf-8")
    done = imported(path)
    assert done.code == 2
    assert "13912345678" not in done.err
    assert "11010519491231002X" not in done.err


def test_a_missing_file_and_unknown_wishes(tmp_path: Path) -> None:
    assert imported(tmp_path / "nowhere.csv").code == 2
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(GOOD))
    for options in (
        ("--map", "text=没有"),
        ("--map", "nonsense"),
        ("--map", "bogus=编号"),
        ("--date-order", "myd"),
        ("--zone", "Nowhere/At_All"),
        ("--encoding", "klingon"),
        ("--encoding", "ascii"),
    ):
        done = imported(path, *options)
        assert done.code == 2, options
        assert "Traceback" not in done.err
    assert Contact.objects.count() == 0


def test_a_workbook_with_formulas_dates_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER.strip().split(","))
    sheet.write_row(1, 0, ["T1", "每月多扣我十块钱"])
    sheet.write_datetime(1, 2, datetime(2026, 5, 1, 10, 0))  # noqa: DTZ001
    sheet.write_number(1, 5, 13900000001)
    sheet.write_string(2, 0, "=cmd|' /C calc'!A0")
    sheet.write_formula(2, 1, '=HYPERLINK("http://example.org","每月多扣我十块钱")', None, "多扣钱")
    sheet.write_datetime(2, 2, datetime(2026, 5, 2))  # noqa: DTZ001
    sheet.write_row(3, 0, ["T3", "扣费不对", "not a date"])
    book.close()
    assert counts(imported(path)) == (3, 2, 0, 1)
    assert Complaint.objects.filter(person_shown="139****0001").count() == 1
    assert Contact.objects.filter(text="多扣钱").count() == 1


def test_json_lines_of_wrong_types(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {
            "text": "每月多扣我十块钱",
            "received_at": "2026-05-01T10:00:00+08:00",
            "phone": 13900000001,
        },
        {"text": ["每月", "多扣"], "received_at": "2026-05-02", "phone": None},
        {"text": {"a": 1}, "received_at": 20260503, "phone": True},
        {"text": "网速太慢了", "received_at": {"$date": 1}},
        {"text": "网速太慢了", "received_at": 1e308},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines, '{"text": "\\ud83d"}', "[1, 2]", "nope"]), encoding="utf-8")
    read, accepted, _, rejected = counts(imported(path))
    assert (read, accepted + rejected) == (8, 8)
    assert accepted >= 1


FACT = "kind,happened_at,source,subscriber,subject,charge,charge_kind,offer,amount_minor,currency\n"
CHARGE = "ChargeMade,2026-05-01T10:00:00+08:00,billing,sub-1,svc-1,chg-1,usage,offer-1,1000,CNY\n"
BAD_FACTS = {
    "negative charge": CHARGE.replace(",1000,", ",-1000,"),
    "no number": CHARGE.replace(",1000,", ",ten,"),
    "a fraction": CHARGE.replace(",1000,", ",10.5,"),
    "underscores": CHARGE.replace(",1000,", ",1_000,"),
    "beyond integers": CHARGE.replace(",1000,", f",{2**60},"),
    "astronomical": CHARGE.replace(",1000,", f",{'9' * 40},"),
    "no kind": CHARGE.replace("ChargeMade", "ChargeInvented"),
    "no time": CHARGE.replace("2026-05-01T10:00:00+08:00", "yesterday"),
    "no zone": CHARGE.replace("+08:00", ""),
    "a missing field": CHARGE.replace(",offer-1,", ",,"),
    "a long subject": CHARGE.replace("svc-1", "s" * 200),
    "a number for a person": CHARGE.replace("sub-1", "13912345678"),
    "ragged": CHARGE.replace(",CNY", ",CNY,more"),
    "the far future": CHARGE.replace("2026-05-01", "2099-05-01"),
    "the far past": CHARGE.replace("2026-05-01", "1899-05-01"),
    "the first day there is": CHARGE.replace("2026-05-01", "0001-01-01"),
    "what Amends alone states": CHARGE.replace("ChargeMade", "DataAccessed"),
}


@pytest.mark.parametrize("name", list(BAD_FACTS))
def test_a_bad_fact_is_set_aside(tmp_path: Path, name: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(FACT + CHARGE + BAD_FACTS[name] + CHARGE.replace("chg-1", "chg-2"), "utf-8")
    done = amends("import", "facts", path, "--json")
    assert done.code == 0, done.err
    report = done.document
    assert (report["read"], report["accepted"], report["rejected"]) == (3, 2, 1)
    assert SingleFact.objects.count() == 2
    rejects = Path(report["rejects_file"]).read_text("utf-8-sig")
    assert rejects.splitlines()[1].startswith("3,")
    assert "invalid literal" not in rejects
    again = amends("import", "facts", path, "--json").document
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 2, 1)


ACTIVATED = "ServiceActivated,2026-05-01T10:00:00+08:00,crm,svc-1,{},,,,,\n"
COVERED = "SourceCovered,2026-05-02T00:30:00+08:00,crm,crm,,{},{},{},{},{}\n"
A_DAY = (1777564800000, 1777651200000)
BAD_STATEMENTS = {
    "an initiator nobody knows": (ACTIVATED.format("user"), "It can be subscriber, operator"),
    "a misspelt kind": (
        COVERED.format("ConfirmationsGiven", "all", *A_DAY, 1),
        "names “ConfirmationsGiven”",
    ),
    "a kind of our own": (COVERED.format("DataAccessed", "all", *A_DAY, 1), "names “DataAccessed”"),
    "no kind": (COVERED.format('", "', "all", *A_DAY, 1), "names “”"),
    "a scope nobody bears": (COVERED.format("ChargeMade", "north", *A_DAY, 1), "It can be all"),
    "a scope without a name": (COVERED.format("ChargeMade", "area:", *A_DAY, 1), "It can be all"),
    "half complete": (COVERED.format("ChargeMade", "all", *A_DAY, 2), "complete is “2”"),
    "backwards": (COVERED.format("ChargeMade", "all", *A_DAY[::-1], 1), "does not lie after"),
    "microseconds": (
        COVERED.format("ChargeMade", "all", A_DAY[0] * 1000, A_DAY[1] * 1000, 0),
        "is not a time",
    ),
    "seconds": (
        COVERED.format("ChargeMade", "all", A_DAY[0] // 1000, A_DAY[1] // 1000, 1),
        "is not a time",
    ),
    "a time not over": (
        COVERED.format("ChargeMade", "all", A_DAY[0], 1893456000000, 1),
        "that is not over",
    ),
}


@pytest.mark.parametrize("name", list(BAD_STATEMENTS))
def test_a_statement_that_would_mislead_a_decision_is_set_aside(tmp_path: Path, name: str) -> None:
    """What is not known stays silent: unread, each of these would look like evidence, or none."""
    row, reason = BAD_STATEMENTS[name]
    path = tmp_path / "facts.csv"
    header = "kind,happened_at,source,subject,initiator,kinds,scope,from_ms,to_ms,complete,offer\n"
    good = ACTIVATED.format("partner") + COVERED.format("ChargeMade", "area:north", *A_DAY, 1)
    rows = [line.replace("\n", ",\n") for line in good.splitlines(keepends=True)]
    rows = [line.replace(",\n", ",music\n") if "Activated" in line else line for line in rows]
    bad = row.replace("\n", ",music\n" if "Activated" in row else ",\n")
    path.write_text(header + "".join(rows) + bad, "utf-8")
    report = amends("import", "facts", path, "--json").document
    assert (report["accepted"], report["rejected"]) == (2, 1), report
    assert reason in Path(report["rejects_file"]).read_text("utf-8-sig")


def test_an_offer_may_be_published_ahead(tmp_path: Path) -> None:
    path = tmp_path / "offers.csv"
    path.write_text(
        "kind,happened_at,source,subject,offer,offer_version,price_minor,currency\n"
        "OfferPublished,2027-06-01T00:00:00+08:00,catalogue,music,music,2,500,CNY\n"
        "OfferPublished,2099-06-01T00:00:00+08:00,catalogue,music,music,3,500,CNY\n",
        "utf-8",
    )
    report = amends("import", "facts", path, "--json").document
    assert (report["accepted"], report["rejected"]) == (1, 1)


def test_facts_with_strange_text_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    rows = [
        CHARGE.replace("offer-1", f'"{text}"').replace("chg-1", f"chg-{number}")
        for number, text in enumerate(SAFE.values())
    ]
    path.write_text(FACT + "".join(rows), encoding="utf-8", newline="")
    report = amends("import", "facts", path, "--json").document
    assert report["rejected"] == 0, Path(report["rejects_file"]).read_text("utf-8-sig")
    assert report["read"] == report["accepted"] == len(rows)
    assert amends("ledger", "verify", "--deep", "--json").code == 0


# --- the public form ---------------------------------------------------------------------------


def filed(client: Client, text: str, **reach: str) -> int:
    """The form from first page to receipt; the number of contacts afterwards."""
    first = client.post("/complain/", {"text": text, "wanted": text[:200]})
    if first.status_code != 302:
        return -first.status_code
    client.post("/complain/about/", {"about": text[:60]})
    client.post("/complain/reach/", reach)
    client.post("/complain/check/", {"agreed": "on"})
    receive_sent(now=timezone.now())
    return Contact.objects.count()


@pytest.mark.parametrize("name", list(SAFE))
def test_the_form_takes_strange_text_safely(name: str) -> None:
    text = SAFE[name]
    client = Client()
    assert filed(client, text, name=text[:80]) in {1, -200}, "taken, or shown again with a reason"
    page = client.get("/complain/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    if Contact.objects.exists():
        assert "\x00" not in Contact.objects.get().text


@pytest.mark.parametrize("text", ["", "   \n\t", "\x00", "\u200b", "长" * 20_001])
def test_the_form_refuses_what_is_no_complaint_and_keeps_what_was_typed(text: str) -> None:
    client = Client()
    answer = client.post("/complain/", {"text": text, "wanted": "退钱"})
    if text == "\u200b":
        assert answer.status_code in {200, 302}
        return
    assert answer.status_code == 200
    assert "退钱" in answer.content.decode()
    assert Contact.objects.count() == 0


def test_the_form_survives_nonsense(tmp_path: Path) -> None:
    client = Client(raise_request_exception=False)
    for address in ("/complain/", "/complain/about/", "/complain/reach/", "/complain/check/"):
        for data, kind in (
            (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
            (b"text=%ff%fe&text=a&text=b", "application/x-www-form-urlencoded"),
            (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
            (b"--x", "multipart/form-data"),
            (b"a" * 13_000_000, "application/x-www-form-urlencoded"),
            (b"&".join(b"a%d=1" % n for n in range(2_000)), "application/x-www-form-urlencoded"),
            (b'{"text": "x"}', "application/json"),
        ):
            answer = client.generic("POST", address, data, content_type=kind)
            assert answer.status_code < 500, (address, kind, answer.status_code)


def test_files_of_the_form_are_judged_by_what_they_are() -> None:
    client = Client()
    files = {
        "program.pdf": b"MZ\x90\x00" + b"\x00" * 100,
        "page.html": b"<html><script>alert(1)</script></html>",
        "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "../../etc/passwd": b"root:x:0:0",
        "empty.txt": b"",
        "large.txt": b"x" * (5 * 1024 * 1024 + 1),
        "picture.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    }
    for name, content in files.items():
        upload = SimpleUploadedFile(name, content, content_type="image/png")
        client.post("/complain/", {"text": "每月多扣我十块钱", "files": upload})
    kept = [name for place, name in everything_that_opens() if place == "portals_draftfile.name"]
    assert "program.pdf" not in kept
    assert not any("/" in name or name.endswith((".html", ".svg")) for name in kept)
    assert Draft.objects.count() == 1
    assert client.get("/complain/").status_code == 200


# --- the interface -----------------------------------------------------------------------------


@pytest.fixture
def system(db: None) -> Callable[..., Any]:
    """Posts to the interface as a client that may write."""
    token = make_client("shop", scopes=["complaints:write"], now=NOW)
    client = Client(raise_request_exception=False)

    def post(body: Any, key: str = "k1", address: str = "/api/v1/complaints") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(
            address,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    return post


@pytest.mark.parametrize("name", list(SAFE))
def test_the_interface_takes_strange_text_safely(system: Callable[..., Any], name: str) -> None:
    text = SAFE[name]
    fields = ("name", "phone", "email", "service", "thread", "province", "wanted", "subscriber")
    longest = {"phone": 32, "thread": 14, "province": 8, "service": 64, "subscriber": 64}
    body = {"text": f"每月多扣钱 {text}"} | {one: text[: longest.get(one, 100)] for one in fields}
    answer = system(body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["tracking_code"]
    assert Contact.objects.count() == 1


WRONG: list[Any] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    {},
    {"text": ""},
    {"text": None},
    {"text": 5},
    {"text": ["a"]},
    {"text": "x" * 20_001},
    {"text": "   "},
    {"text": "\x00"},
    {"text": "扣费", "received_at": "yesterday"},
    {"text": "扣费", "received_at": "2026-05-01T10:00"},
    {"text": "扣费", "received_at": "9999-12-31T23:59:59Z"},
    {"text": "扣费", "received_at": "0001-01-01T00:00:00Z"},
    {"text": "扣费", "received_at": 1e400},
    {"text": "扣费", "received_at": "2099-01-01T00:00:00Z"},
    {"text": "扣费", "language": "tlh"},
    {"text": "扣费", "channel": "Carrier Pigeon"},
    {"text": "扣费", "urgent": "perhaps"},
    {"text": "扣费", "phone": "1" * 33},
    {"text": "扣费", "signed_in": True},
    {"text": "扣费", "email": {"a": 1}},
]


@pytest.mark.parametrize("body", WRONG, ids=lambda body: str(body)[:40].replace("/", "_"))
def test_the_interface_refuses_the_unusable_in_one_shape(
    system: Callable[..., Any], body: Any
) -> None:
    answer = system(body)
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:300])
    problem = answer.json()
    assert set(problem) == {"error", "what", "meaning", "next_step"}
    assert problem["what"]
    assert Contact.objects.count() == 0


def test_a_batch_is_stored_whole_or_not_at_all(system: Callable[..., Any]) -> None:
    good = {"text": "每月多扣我十块钱", "phone": "13900000001"}
    refused = system([good, {"text": "\x00 "}], address="/api/v1/complaints/batch")
    assert 400 <= refused.status_code < 500
    assert Contact.objects.count() == 0
    taken = system([good] * 3, key="k2", address="/api/v1/complaints/batch")
    assert taken.status_code == 201
    assert Contact.objects.count() == 3
    assert Complaint.objects.count() == 1, "three times the same is one complaint"
    too_many = system([good] * 1_001, key="k3", address="/api/v1/complaints/batch")
    assert too_many.status_code == 400


@pytest.mark.parametrize("key", ["", "k" * 91, "k\x00", "é" * 50, "a,b"])
def test_keys_of_any_kind_answer_without_a_fault(system: Callable[..., Any], key: str) -> None:
    answer = system({"text": "每月多扣我十块钱"}, key=key)
    assert answer.status_code in {201, 400, 422}, answer.status_code
    repeated = system({"text": "每月多扣我十块钱"}, key=key)
    assert Contact.objects.count() == int(answer.status_code == 201)
    assert repeated.status_code == (200 if answer.status_code == 201 else answer.status_code)


# --- mail --------------------------------------------------------------------------------------


def test_hostile_mail_becomes_text() -> None:
    from amends.channels.mail.fetch import take_in
    from amends.channels.mail.settings import mail_settings
    from amends.site.dispatch import dispatch

    body = io.BytesIO()
    body.write(b'From: =?utf-8?b?PHNjcmlwdD4=?= <a"b@example.org>\r\n')
    body.write(b"Subject: x\r\n Bcc: everybody@example.org\r\nX: y\r\n\r\n")
    body.write(HOSTILE.encode() + b"\x00 charged twice\r\n")
    take_in(body.getvalue(), NOW, settings=mail_settings(), now=NOW)
    dispatch(now=NOW + timedelta(minutes=1), holder="test")
    assert "charged twice" in Contact.objects.get().text
    assert "\x00" not in Contact.objects.get().text


# --- the real file -----------------------------------------------------------------------------


@pytest.mark.shared
def test_the_real_file_is_understood_without_a_mapping(shared: Path) -> None:
    path = shared / "data" / "comcast_titles" / "comcast_dev.csv"
    done = amends("import", "complaints", path, "--json")
    assert counts(done) == (1145, 1145, 0, 0)
    # Titles of a few words: the file as a whole tells that they are English.
    assert done.document["languages"]["en"] >= 0.995 * 1145
    columns = done.document["notes"][0]
    for field in ("text ←", "received ←", "channel ←", "state ←"):
        assert field in columns
    again = amends("import", "complaints", path, "--json").document
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 1145, 0)
    channels = set(Complaint.objects.values_list("channel", flat=True))
    assert channels == {"phone", "web"}


@pytest.mark.shared
def test_dates_that_read_two_ways_are_asked_about(shared: Path, tmp_path: Path) -> None:
    published = shared / "data" / "comcast_titles" / "comcast_dev.csv"
    noted = amends(
        "import",
        "complaints",
        published,
        "--json",
        "--preview",
        "--map",
        "received=date_as_published",
    )
    assert any("Column “date” holds the same dates" in note for note in noted.document["notes"])
    rows = list(csv.reader(published.read_text("utf-8").splitlines()))
    path = tmp_path / "comcast_dev.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([*row[:2], *row[3:]] for row in rows)
    options = ("import", "complaints", path, "--json", "--map", "received=date_as_published")
    asked = amends(*options)
    assert asked.code == 2
    assert asked.out == ""
    assert "91 days" in asked.err
    assert "12 months" in asked.err
    assert "--date-order ydm" in asked.err
    done = amends(*options, "--date-order", "YDM")
    assert counts(done) == (1145, 1145, 0, 0)
