"""`amends hotissues measures | drill`: one JSON document, and what a check finds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.test_measures import JUDGED, NOW, fill
from typer.testing import CliRunner

from amends.access.models import User
from amends.hotissues.actions.measure import plan_measure, start_measure
from amends.hotissues.jobs.measures import judge_due
from amends.hotissues.rules.rectification import Terms
from amends.site.cli.hotissues import app

pytestmark = pytest.mark.django_db


def run(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_measures_are_listed_and_a_failed_one_is_found() -> None:
    assert run("measures", "--check") == {"measures": [], "judged_now": 0}
    manager = hire("manager")
    fill("consent.vas", 40, 40, 3)
    fill("network.speed", 120, 120, 4)
    terms = Terms(
        "t", "c", "a", manager.ref, NOW.date(), JUDGED.date(), 7, 200, ("code=consent.vas",),
        ("code=network.speed",),
    )  # fmt: skip
    start_measure(plan_measure(terms, actor=manager, now=NOW).id, actor=manager, now=NOW)
    judge_due(now=JUDGED + timedelta(days=1))
    (row,) = run("measures", "--check", code=1)["measures"]
    assert (row["verdict"], row["state"], row["expected_drop"]) == (
        "not_shown_to_work", "judged", 0.2,
    )  # fmt: skip
    assert row["low"] < 1 < row["high"]


def test_a_drill_is_started_by_somebody_who_may() -> None:
    hire("manager")
    hire("handler")
    said = run("drill", "光缆中断", "--by", "manager-x", "--persons", "200", "--kind", "outage")
    assert (said["drill"], said["level"]) == (True, "level3")
    assert "assign" in [one["step"] for one in said["steps"] if not one["done"]]
    done = CliRunner().invoke(app, ["drill", "x", "--by", "handler-x"])
    assert done.exit_code != 0
    assert User.objects.count() == 2
