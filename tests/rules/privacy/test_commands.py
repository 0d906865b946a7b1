"""`amends privacy` on files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from amends.kit.errors import BadInput
from amends.privacy.cli.privacy import app

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
