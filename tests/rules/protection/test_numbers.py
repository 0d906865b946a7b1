"""The reputation of numbers: nuisance found, offices and reported rivals left alone."""

from __future__ import annotations

import csv
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.shell import amends

from amends.causes.protection.actions.score_numbers import score_numbers
from amends.causes.protection.files import scan_calls, scan_reports
from amends.causes.protection.rules.reputation import reputation, reputation_rules

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def _world(folder: Path) -> tuple[Path, Path]:
    """People who call each other, a nuisance caller, an office that is called back, a rival."""
    chance = random.Random(5)
    people = [f"139{number:08d}" for number in range(800)]
    rows: list[tuple[str, str, datetime, int, int]] = []

    def call(caller: str, called: str, *, answered: bool, seconds: float) -> None:
        at = START + timedelta(days=chance.randrange(10), seconds=chance.randrange(30_000))
        rows.append((caller, called, at, int(seconds) if answered else 0, int(answered)))

    for place, person in enumerate(people):
        for _ in range(20):
            friend = people[(place + chance.choice((-3, -2, -1, 1, 2, 3))) % len(people)]
            call(person, friend, answered=chance.random() < 0.8, seconds=chance.expovariate(1 / 90))
    for called in chance.sample(people, 400):
        call("17000000001", called, answered=chance.random() < 0.3, seconds=8)
    for called in chance.sample(people, 400):
        call("02988886666", called, answered=chance.random() < 0.7, seconds=120)
        if chance.random() < 0.25:
            call(called, "02988886666", answered=True, seconds=60)
    calls, reports = folder / "calls.csv", folder / "reports.csv"
    with calls.open("w", newline="") as out:
        csv.writer(out).writerows([("caller", "called", "at", "seconds", "answered")])
        csv.writer(out).writerows((a, b, at.isoformat(), s, ok) for a, b, at, s, ok in rows)
    with reports.open("w", newline="") as out:
        csv.writer(out).writerows([("number", "at", "reporter", "kind")])
        csv.writer(out).writerows(
            ("02988886666", "2026-11-05", "13500000000", "spam") for _ in range(10_000)
        )
        csv.writer(out).writerows(
            (people[5], "2026-11-05", f"135{n:08d}", "spam") for n in range(3_000)
        )
    return calls, reports


@pytest.mark.no_database
def test_a_nuisance_is_found_and_a_reported_office_is_not(tmp_path: Path) -> None:
    calls, reports = _world(tmp_path)
    out = tmp_path / "out.csv"
    done = amends(
        "protection", "numbers", str(calls), "--reports", str(reports), "--out", str(out), "--json"
    )
    assert done.code == 0, done.err
    found = done.document
    assert found["suspects"] == 1
    assert found["worst"][0]["number"] == "17000000001"
    table = {row["number"]: row for row in pl.read_csv(out, infer_schema=False).to_dicts()}
    assert float(table["02988886666"]["score"]) < 0.1
    assert float(table["13900000005"]["score"]) < 0.1
    assert table["17000000001"]["reasons"].count(".") == 2, "two sentences"


@pytest.mark.no_database
def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text("caller,called,at\n1,2,3\n")
    done = amends("protection", "numbers", str(calls), "--out", str(tmp_path / "o.csv"))
    assert done.code == 2
    assert "seconds" in done.err


@pytest.mark.no_database
def test_messages_of_a_file_are_labelled(tmp_path: Path) -> None:
    file, out = tmp_path / "m.csv", tmp_path / "out.csv"
    file.write_text("id,words\n1,代开发票电话13700001234\n2,Dinner at 8?\n", encoding="utf-8")
    done = amends(
        "protection", "classify", str(file), "--text", "words", "--out", str(out), "--json"
    )
    assert done.code == 0, done.err
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["label"] for row in rows] == ["spam", "legitimate"]
    assert list(rows[0]) == ["id", "words", "label", "kind", "score"]
    assert float(rows[0]["score"]) > 0.5 > float(rows[1]["score"])


@pytest.mark.no_database
def test_a_file_with_an_open_quotation_mark_is_refused(tmp_path: Path) -> None:
    calls, out = tmp_path / "calls.csv", tmp_path / "o.csv"
    calls.write_text('caller,called,at,seconds,answered\n139,"138,2026-11-01T00:00:00,5,1\n')
    done = amends("protection", "numbers", str(calls), "--out", str(out))
    assert (done.code, out.exists()) == (2, False)
    assert "quotation mark" in done.err


@pytest.mark.no_database
def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    calls, _reports = _world(tmp_path)
    scratch = tmp_path / "nowhere"
    done = amends(
        *("protection", "numbers", str(calls), "--out", str(tmp_path / "o.csv")),
        *("--scratch", str(scratch)),
    )
    assert done.code == 2
    assert "nowhere" in done.err
    assert "Traceback" not in done.err


@pytest.mark.no_database
def test_rows_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    calls, reports, out = (tmp_path / name for name in ("calls.csv", "reports.csv", "o.csv"))
    calls.write_text(
        "caller,called,at,seconds,answered\n139,138,2026-11-01T00:00:00,5,1\n"
        "139,139,2026-11-01T00:00:00,5,1\n139,137,yesterday,5,1\n139,136,2026-11-01T00:00:00,,1\n"
        "139,135,2026-11-01T00:00:00,5,perhaps\n"
    )
    reports.write_text("number,at,reporter,kind\n=cmd,2026-11-01,138,spam\n,2026-11-01,138,spam\n")
    done = amends(
        *("protection", "numbers", str(calls), "--reports", str(reports)),
        *("--out", str(out), "--json"),
    )
    assert done.code == 0, done.err
    assert (done.document["read"], done.document["rejected"]) == (7, 5)
    assert [row["number"] for row in csv.DictReader(out.open())] == ["139", "'=cmd"], (
        "no cell of the file is a formula"
    )


@pytest.mark.parametrize(
    "with_spark", [False, pytest.param(True, marks=pytest.mark.spark)], ids=["local", "spark"]
)
def test_scores_of_parts_are_those_of_all_calls(
    with_spark: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    calls, reports = _world(tmp_path)
    rules = reputation_rules(date(2026, 11, 30))
    spark = request.getfixturevalue("spark") if with_spark else None
    in_parts = score_numbers(calls, reports, rules, scratch=tmp_path, spark=spark)
    at_once = reputation(
        scan_calls(calls).drop("is_usable").collect(), scan_reports(reports).collect(), rules
    )
    assert_frame_equal(in_parts.scored, at_once)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.csv", "reports.csv"]
