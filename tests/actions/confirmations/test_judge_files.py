"""Files are judged part by part, with what judging them in one piece would say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from amends.causes.confirmations.actions.judge_files import JudgedFiles, judge_files
from amends.causes.confirmations.rules.audit import WRONG, audit
from amends.causes.confirmations.rules.file_parts import AuditQuestion
from amends.causes.confirmations.rules.required import demanded_in
from amends.causes.confirmations.rules.summary import document, findings
from amends.platform.tabular import hash_partitions

START = 1_770_000_000_000
HOUR = 3_600_000
SIZE = 6_000
QUESTION = AuditQuestion(
    gaps=[(START - HOUR * 24, START)],
    is_demanded=demanded_in("cn", on=date(2026, 11, 24)),
    wants_findings=True,
)


def write_files(folder: Path) -> tuple[Path, list[Path], pl.DataFrame, pl.DataFrame]:
    """Two files of charges and confirmations, and their rows as the rules take them."""
    chance = np.random.default_rng(11)
    service = pl.Series([f"s{n:04}" for n in chance.integers(0, 900, SIZE)])
    charges = pl.DataFrame(
        {
            "charge": [f"c{n}" for n in range(SIZE)],
            "service": service,
            "offer": [f"o{n}" for n in chance.integers(0, 3, SIZE)],
            "charged_at_ms": START + chance.integers(0, 900 * HOUR, SIZE),
            "started_at_ms": pl.Series(START + chance.integers(-20_000, 300, SIZE) * HOUR).set(
                pl.Series(chance.random(SIZE) < 0.3), None
            ),
            "amount_minor": chance.integers(-50, 4_000, SIZE),
            "currency": chance.choice(["CNY", "HKD"], SIZE),
            "kind": chance.choice(["value_added", "monthly_fee"], SIZE),
            "subscriber": [""] * SIZE,
            "partner": [f"p{n}" if n else "" for n in chance.integers(0, 9, SIZE)],
            "campaign": [""] * SIZE,
            "agent": chance.choice(["shop", ""], SIZE),
        }
    )
    events = pl.DataFrame(
        {
            "service": [f"s{n:04}" for n in chance.integers(0, 900, 1_500)],
            "offer": [f"o{n}" for n in chance.integers(0, 3, 1_500)],
            "at_ms": START + chance.integers(-100 * HOUR, 800 * HOUR, 1_500),
            "event": chance.choice([1, 2], 1_500, p=[0.8, 0.2]),
        }
    )
    words = pl.col("event").replace_strict({1: "given", 2: "withdrawn"})
    written = events.with_columns(words).rename({"at_ms": "given_at_ms"})
    file, given = folder / "charges.parquet", [folder / "first.csv", folder / "second.parquet"]
    charges.write_parquet(file)
    written.head(700).write_csv(given[0])
    written.tail(800).write_parquet(given[1])
    return file, given, charges, events


def judge(folder: Path, file: Path, given: list[Path], spark: Any = None) -> JudgedFiles:
    """The files judged, and nothing left of the temporary ones."""
    judged = judge_files(
        file,
        given,
        currency="CNY",
        zone="Asia/Shanghai",
        scratch=folder,
        question=QUESTION,
        spark=spark,
    )
    assert not list(folder.glob(".audit-*"))
    return judged


def test_parts_say_what_one_piece_says(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(hash_partitions, "ROWS_AT_ONCE", 1_000)
    file, given, charges, events = write_files(tmp_path)
    verdicts = audit(charges, events, gaps=QUESTION.gaps, is_demanded=QUESTION.is_demanded)
    judged = judge(tmp_path, file, given)
    whole = document(charges, verdicts)
    assert min(whole["verdicts"].values()) > 0, "every verdict is among them"
    assert judged.sums.document() == whole
    assert_frame_equal(judged.findings, findings(charges, verdicts))
    wrong = charges.filter(pl.Series(np.isin(verdicts.code, WRONG)))
    assert_frame_equal(judged.wrong.select(charges.columns), wrong)
    at = charges["charged_at_ms"]
    assert (judged.read, judged.confirmations, judged.span_ms) == (
        SIZE,
        1_500,
        (at.min(), at.max()),
    )


def test_a_charge_listed_again_counts_once_whatever_service_it_names(tmp_path: Path) -> None:
    """The first counts as listed even where it cannot be read; bad rows come in their order."""
    file, given = tmp_path / "charges.csv", tmp_path / "given.csv"
    file.write_text(
        "charge,service,charged_at,amount_minor,offer\n"
        "c1,s1,2026-05-01,100,\n"
        "c2,s2,never,100,\n"
        "c1,s3,2026-05-01,100,ring\n"
        "c2,s2,2026-05-01,100,\n"
        ",s4,2026-05-01,100,\n"
        ",s4,2026-05-02,100,\n"
    )
    given.write_text("service,offer,given_at\ns1,ring,2026-04-30\n")
    judged = judge(tmp_path, file, [given])
    again = "this charge stands further up already"
    assert judged.bad.select("row", "reason").rows() == [
        (2, "charged_at is not a time"),
        (3, again),
        (4, again),
    ]
    # The only offer of a charge stands in the row that is left out: services alone decide.
    assert judged.sums.document()["verdicts"]["confirmed"] == 1
    assert judged.sums.document()["charges"] == 3


@pytest.mark.spark
def test_spark_says_the_same(spark: Any, tmp_path: Path) -> None:
    file, given, _charges, _events = write_files(tmp_path)
    here, there = judge(tmp_path, file, given), judge(tmp_path, file, given, spark)
    assert here.sums.document() == there.sums.document()
    assert_frame_equal(here.findings, there.findings)
    assert_frame_equal(here.wrong, there.wrong)
    assert here.findings.height > 100
