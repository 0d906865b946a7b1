"""`amends privacy` on files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from amends.causes.privacy.cli.privacy import app
from amends.platform.kit.errors import BadInput

SERVICES = Path(__file__).parent / "services.jsonl"
HEAD = "at,user,role,team,subscriber,case,purpose\n"


def run(*words: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=True)
    if isinstance(done.exception, BadInput):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)


def test_review_prints_the_contract_and_ends_with_1_where_a_service_is_blocked(
    tmp_path: Path,
) -> None:
    file = tmp_path / "service.json"
    file.write_text(SERVICES.read_text("utf-8").splitlines()[0], "utf-8")
    code, document = run("review", str(file))
    assert (code, document["verdict"], document["blocking"]) == (1, "block", ["switched-on"])
    assert {"id", "threat", "why", "redesign"} <= set(document["flows"][0])


def test_alerts_read_zones_and_count_rows_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "looks.csv"
    file.write_text(
        HEAD + "2026-03-02T09:00:00+08:00,u1,handler,t1,S1,,\n2026-03-02T02:00:00Z,u1,,,S2,c1,\n"
        "yesterday,u1,handler,t1,S1,,\n",
        "utf-8",
    )
    code, document = run("access-alerts", str(file))
    assert code == 0
    assert (document["looks"], document["users"], document["rejected"]) == (2, 1, 1)
    assert document["alerts"] == []


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "looks.csv"
    file.write_text("when,who\n1,2\n", "utf-8")
    with pytest.raises(BadInput, match="at, user, subscriber"):
        run("access-alerts", str(file))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("," * 20_000 + "\n", "not a CSV table"),
        ("at,user,User,subscriber\n", "column user twice"),
        (
            HEAD + "2026-01-01T10:00,u,,,s,,\n2036-01-01T10:00,u,,,s,,\n",
            "3,653 days; at most 1,100",
        ),
        (
            HEAD + "".join(f"2026-01-01T10:00,u{n},,,s,,\n" for n in range(5_001)),
            "5,001 users; at most 5,000",
        ),
        (
            HEAD + "".join(f"2026-0{n % 9 + 1}-01T10:00,u{n},,,s,,\n" for n in range(4_500)),
            "users times days",
        ),
        (HEAD + "\n" * 3_000_001, "3,000,001 rows"),
    ],
    ids=["columns", "twice", "days", "users", "cells", "rows"],
)
def test_what_is_too_large_to_examine_is_refused_with_the_limit(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "looks.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=said):
        run("access-alerts", str(file))


def test_times_beyond_the_calendar_are_rejected_rows(tmp_path: Path) -> None:
    file = tmp_path / "looks.csv"
    file.write_text(
        HEAD + "9999-12-31T23:59:59-12:00,u1,,,S1,,\n0001-01-01T00:00+12:00,u1,,,S1,,\n", "utf-8"
    )
    code, document = run("access-alerts", str(file))
    assert (code, document["looks"], document["rejected"]) == (0, 0, 2)
